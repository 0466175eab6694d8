/** Every address of the app; each page is a chunk of its own. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { ApiError } from '../api/api-error.ts';
import { meQuery } from '../api/queries.ts';
import { queryClient } from '../api/query-client.ts';
import type { InboxSearch } from '../inbox/inbox-filter.ts';
import { liveLink } from '../live/live.ts';
import type { OverviewSearch } from '../overview/overview-view.ts';
import { pendingSignInCode } from '../sign-in/sign-in-code.ts';
import { AppShell } from './app-shell.tsx';
import { NotFound } from './not-found.tsx';
import { PageError } from './page-error.tsx';
import { PagePending } from './page-pending.tsx';

/** A number too: a name or a span of days in the address may look like one. */
const text = (value: unknown): string | undefined =>
  typeof value === 'number' ? String(value) : typeof value === 'string' && value !== '' ? value : undefined;

/** Which executions are listed. */
export interface ExecutionsSearch {
  /** One status, or several with commas between them. */
  status?: string;
  workflow?: string;
  search?: string;
  /** How long ago they began at most: `1h`, `24h`, `7d`, `30d`. */
  since?: string;
}

/** What of an execution is shown: each is a place that somebody can be sent to. */
export interface ExecutionSearch {
  node?: string;
  step?: string;
  tab?: string;
  /** `timeline`, instead of the graph. */
  view?: string;
  /** Of the log, by its number. */
  line?: number;
  /** Whose terminal is open beside it. */
  agent?: string;
}

const root = createRootRoute({ errorComponent: PageError });

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

const embed = createRoute({
  getParentRoute: () => root,
  path: '/embed/$page',
  validateSearch: (search: Record<string, unknown>): { theme?: string } => pick(search, 'theme'),
  component: lazyRouteComponent(() => import('../embed/embed-page.tsx'), 'EmbedPage'),
});

const overview = createRoute({
  getParentRoute: () => app,
  path: '/',
  validateSearch: (search: Record<string, unknown>): OverviewSearch => ({
    ...pick(search, 'q'),
    ...pick(search, 'show'),
    ...pick(search, 'group'),
    ...pick(search, 'sort'),
    ...pick(search, 'columns'),
  }),
  component: lazyRouteComponent(() => import('../overview/overview-page.tsx'), 'OverviewPage'),
});
const wall = createRoute({
  getParentRoute: () => app,
  path: '/wall',
  validateSearch: (search: Record<string, unknown>): { agent?: string; show?: string } => ({
    ...pick(search, 'agent'),
    ...pick(search, 'show'),
  }),
  component: lazyRouteComponent(() => import('../wall/wall-page.tsx'), 'WallPage'),
});
const desk = createRoute({
  getParentRoute: () => app,
  path: '/desk',
  validateSearch: (search: Record<string, unknown>): { desk?: string; add?: string } => ({
    ...pick(search, 'desk'),
    ...pick(search, 'add'),
  }),
  component: lazyRouteComponent(() => import('../desk/desk-page.tsx'), 'DeskPage'),
});
/** One level above an agent's address: all of them are on the overview. */
const agents = createRoute({
  getParentRoute: () => app,
  path: '/agents',
  beforeLoad: () => {
    throw redirect({ to: '/', replace: true });
  },
});
const newAgent = createRoute({
  getParentRoute: () => app,
  path: '/agents/new',
  component: lazyRouteComponent(() => import('../agents/new-agent-page.tsx'), 'NewAgentPage'),
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
// One page with two addresses: who saves a new workflow stays in its builder.
const builder = createRoute({
  getParentRoute: () => app,
  id: 'builder',
  component: lazyRouteComponent(() => import('../builder/builder-page.tsx'), 'BuilderPage'),
});
const newWorkflow = createRoute({
  getParentRoute: () => builder,
  path: '/workflows/new',
  validateSearch: (search: Record<string, unknown>): { from?: string } => pick(search, 'from'),
});
const editWorkflow = createRoute({ getParentRoute: () => builder, path: '/workflows/$id/edit' });
const executions = createRoute({
  getParentRoute: () => app,
  path: '/executions',
  validateSearch: (search: Record<string, unknown>): ExecutionsSearch => ({
    ...pick(search, 'status'),
    ...pick(search, 'workflow'),
    ...pick(search, 'search'),
    ...pick(search, 'since'),
  }),
  component: lazyRouteComponent(() => import('../executions/executions-page.tsx'), 'ExecutionsPage'),
});
const execution = createRoute({
  getParentRoute: () => app,
  path: '/executions/$id',
  validateSearch: (search: Record<string, unknown>): ExecutionSearch => ({
    ...pick(search, 'node'),
    ...pick(search, 'step'),
    ...pick(search, 'tab'),
    ...pick(search, 'view'),
    ...(Number.isSafeInteger(search['line']) ? { line: Number(search['line']) } : {}),
    ...pick(search, 'agent'),
  }),
  component: lazyRouteComponent(() => import('../executions/execution-page.tsx'), 'ExecutionPage'),
});
const comparison = createRoute({
  getParentRoute: () => app,
  path: '/executions/$id/compare/$other',
  validateSearch: (search: Record<string, unknown>): { node?: string; show?: string } => ({
    ...pick(search, 'node'),
    ...pick(search, 'show'),
  }),
  component: lazyRouteComponent(() => import('../executions/comparison-page.tsx'), 'ComparisonPage'),
});
const inbox = createRoute({
  getParentRoute: () => app,
  path: '/inbox',
  validateSearch: (search: Record<string, unknown>): InboxSearch => ({
    ...pick(search, 'item'),
    ...pick(search, 'show'),
    ...pick(search, 'type'),
    ...pick(search, 'agent'),
    ...pick(search, 'by'),
    ...pick(search, 'end'),
  }),
  component: lazyRouteComponent(() => import('../inbox/inbox-page.tsx'), 'InboxPage'),
});
const incidents = createRoute({
  getParentRoute: () => app,
  path: '/incidents',
  component: lazyRouteComponent(() => import('../incidents/incidents-page.tsx'), 'IncidentsPage'),
});
const settings = createRoute({
  getParentRoute: () => app,
  path: '/settings',
  component: lazyRouteComponent(() => import('../settings/settings-page.tsx'), 'SettingsPage'),
});
const administration = createRoute({
  getParentRoute: () => app,
  path: '/settings/administration',
  validateSearch: (search: Record<string, unknown>): { tab?: string; namespace?: string } => ({
    ...pick(search, 'tab'),
    ...pick(search, 'namespace'),
  }),
  component: lazyRouteComponent(() => import('../settings/administration-page.tsx'), 'AdministrationPage'),
});
const definitions = createRoute({
  getParentRoute: () => app,
  path: '/settings/definitions',
  validateSearch: (search: Record<string, unknown>): { name?: string; view?: string; create?: boolean } => ({
    ...pick(search, 'name'),
    ...pick(search, 'view'),
    ...(search['create'] === true ? { create: true } : {}),
  }),
  component: lazyRouteComponent(() => import('../definitions/definitions-page.tsx'), 'DefinitionsPage'),
});
const usage = createRoute({
  getParentRoute: () => app,
  path: '/usage',
  validateSearch: (search: Record<string, unknown>): { from?: string; to?: string; days?: string; by?: string } => ({
    ...pick(search, 'from'),
    ...pick(search, 'to'),
    ...pick(search, 'days'),
    ...pick(search, 'by'),
  }),
  component: lazyRouteComponent(() => import('../usage/usage-page.tsx'), 'UsagePage'),
});

/** Every other address: the way to the right one stays in sight. */
const elsewhere = createRoute({ getParentRoute: () => app, path: '$', component: NotFound });

export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    embed,
    app.addChildren([
      overview,
      wall,
      desk,
      agents,
      newAgent,
      agent,
      workflows,
      workflow,
      builder.addChildren([newWorkflow, editWorkflow]),
      executions,
      execution,
      comparison,
      inbox,
      incidents,
      usage,
      settings,
      administration,
      definitions,
      elsewhere,
    ]),
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
