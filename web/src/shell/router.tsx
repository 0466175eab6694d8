/** Every address of the app; each page is a chunk of its own. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { ApiError } from '../api/api-error.ts';
import { meQuery } from '../api/queries.ts';
import { queryClient } from '../api/query-client.ts';
import { liveLink } from '../live/live.ts';
import { pendingSignInCode } from '../sign-in/sign-in-code.ts';
import { AppShell } from './app-shell.tsx';
import { NotFound } from './not-found.tsx';
import { PageError } from './page-error.tsx';
import { PagePending } from './page-pending.tsx';

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

const root = createRootRoute({ notFoundComponent: NotFound, errorComponent: PageError });

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (search: Record<string, unknown>): { next?: string } => {
    const next = text(search['next']);
    // Only a path of ours: a full address here would send people elsewhere after they signed in.
    return next && /^\/(?![/\\])/.test(next) ? { next } : {};
  },
  component: lazyRouteComponent(() => import('../sign-in/sign-in-page.tsx'), 'SignInPage'),
});

const app = createRoute({
  getParentRoute: () => root,
  id: 'app',
  component: AppShell,
  beforeLoad: async ({ location }) => {
    if (pendingSignInCode() !== null) throw redirect({ to: '/sign-in', search: nextOf(location.href), replace: true });
    try {
      await queryClient.ensureQueryData(meQuery);
    } catch (error) {
      if (error instanceof ApiError && error.status === 401)
        throw redirect({ to: '/sign-in', search: nextOf(location.href), replace: true });
      throw error;
    }
    liveLink.open();
  },
  errorComponent: PageError,
});

const overview = createRoute({
  getParentRoute: () => app,
  path: '/',
  component: lazyRouteComponent(() => import('../agents/overview-page.tsx'), 'OverviewPage'),
});
const agent = createRoute({
  getParentRoute: () => app,
  path: '/agents/$id',
  validateSearch: (search: Record<string, unknown>): { tab?: string } => pick(search, 'tab'),
  component: lazyRouteComponent(() => import('../agents/agent-page.tsx'), 'AgentPage'),
});
const workflows = createRoute({
  getParentRoute: () => app,
  path: '/workflows',
  component: lazyRouteComponent(() => import('../workflows/workflows-page.tsx'), 'WorkflowsPage'),
});
const workflow = createRoute({
  getParentRoute: () => app,
  path: '/workflows/$id',
  validateSearch: (search: Record<string, unknown>): { node?: string; view?: string; execute?: boolean } => ({
    ...pick(search, 'node'),
    ...pick(search, 'view'),
    ...(search['execute'] === true ? { execute: true } : {}),
  }),
  component: lazyRouteComponent(() => import('../workflows/workflow-page.tsx'), 'WorkflowPage'),
});
const executions = createRoute({
  getParentRoute: () => app,
  path: '/executions',
  validateSearch: (search: Record<string, unknown>): { status?: string; workflow?: string } => ({
    ...pick(search, 'status'),
    ...pick(search, 'workflow'),
  }),
  component: lazyRouteComponent(() => import('../executions/executions-page.tsx'), 'ExecutionsPage'),
});
const execution = createRoute({
  getParentRoute: () => app,
  path: '/executions/$id',
  validateSearch: (search: Record<string, unknown>): { node?: string; step?: string; tab?: string } => ({
    ...pick(search, 'node'),
    ...pick(search, 'step'),
    ...pick(search, 'tab'),
  }),
  component: lazyRouteComponent(() => import('../executions/execution-page.tsx'), 'ExecutionPage'),
});
const inbox = createRoute({
  getParentRoute: () => app,
  path: '/inbox',
  validateSearch: (search: Record<string, unknown>): { item?: string; show?: string } => ({
    ...pick(search, 'item'),
    ...pick(search, 'show'),
  }),
  component: lazyRouteComponent(() => import('../inbox/inbox-page.tsx'), 'InboxPage'),
});
const settings = createRoute({
  getParentRoute: () => app,
  path: '/settings',
  component: lazyRouteComponent(() => import('../settings/settings-page.tsx'), 'SettingsPage'),
});

export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    app.addChildren([overview, agent, workflows, workflow, executions, execution, inbox, settings]),
  ]),
  defaultPreload: 'intent',
  defaultPendingComponent: PagePending,
  defaultErrorComponent: PageError,
  defaultPendingMs: 150,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

/** To the sign-in page, and back here afterwards. */
export function goToSignIn(): void {
  if (router.state.location.pathname === '/sign-in') return;
  void router.navigate({ to: '/sign-in', search: nextOf(router.state.location.href), replace: true });
}

function nextOf(href: string): { next?: string } {
  const path = href.replace(/#.*$/, '');
  return path === '/' ? {} : { next: path };
}

function pick<K extends string>(search: Record<string, unknown>, key: K): { [P in K]?: string } {
  const value = text(search[key]);
  return (value === undefined ? {} : { [key]: value }) as { [P in K]?: string };
}
