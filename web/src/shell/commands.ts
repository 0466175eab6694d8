/** Everything the palette can do, from what is live right now. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { useNavigate } from '@tanstack/react-router';
import { meQuery } from '../api/queries.ts';
import { request } from '../api/request.ts';
import { messageOf } from '../api/api-error.ts';
import { type DeskPanel, panelKey } from '../desk/desk-layout.ts';
import { addressOf, panelOfAgent, panelOfExecution } from '../desk/panel-kinds.ts';
import { useAgents, useExecutions, useInbox, useWorkflows } from '../live/use-topic.ts';
import { useSavedViews } from '../overview/saved-views.ts';
import { setDensity, useDensity } from '../ui/density.ts';
import type { IconName } from '../ui/icon.tsx';
import { pageActions } from '../ui/page-actions.ts';
import { setThemeMode } from '../ui/theme-mode.ts';
import { toast } from '../ui/toasts.ts';
import { AGENT_LOOK, EXECUTION_LOOK } from '../ui/tone.ts';
import { signOut } from './sign-out.ts';
import { plural, t } from '../words/words.ts';
import { useKeyOf } from '../ui/chosen-keys.ts';
import { keyCaps } from '../ui/shown-keys.ts';
import { modKey } from './mod-key.ts';

export interface Command {
  id: string;
  group: string;
  label: string;
  icon: IconName;
  hint?: string | undefined;
  keys?: string;
  /** Found by these too. */
  words?: string;
  run: () => void;
}

export function useCommands({
  navigate,
  onShortcuts,
}: {
  navigate: ReturnType<typeof useNavigate>;
  onShortcuts: () => void;
}): Command[] {
  const keyOf = useKeyOf('Everywhere');
  const [here] = useState(pageActions);
  const agents = useAgents().data ?? [];
  const workflows = useWorkflows().data ?? [];
  const executions = useExecutions().data ?? [];
  const waiting = useInbox().data?.open.length ?? 0;
  const me = useQuery(meQuery).data;
  const administers = me?.permissions.includes('administer') ?? false;
  const operates = me?.permissions.includes('operate') ?? false;
  const tell = (work: Promise<unknown>, done: string) =>
    void work.then(() => toast(done)).catch((error: unknown) => toast(messageOf(error), { tone: 'bad' }));

  const pages: Command[] = [
    {
      id: 'overview',
      group: t('Pages'),
      label: t('Overview'),
      icon: 'overview',
      keys: keyOf('g o'),
      run: () => void navigate({ to: '/' }),
    },
    {
      id: 'wall',
      group: t('Pages'),
      label: t('Wall of terminals'),
      icon: 'wall',
      keys: keyOf('g t'),
      words: t('live agents screens'),
      run: () => void navigate({ to: '/wall' }),
    },
    {
      id: 'desk',
      group: t('Pages'),
      label: t('Desk'),
      icon: 'desk',
      keys: keyOf('g d'),
      words: t('panels layout dock split terminals'),
      run: () => void navigate({ to: '/desk' }),
    },
    {
      id: 'inbox',
      group: t('Pages'),
      label: t('Inbox'),
      icon: 'inbox',
      keys: keyOf('g i'),
      hint: waiting ? plural(waiting, 'item') : undefined,
      run: () => void navigate({ to: '/inbox' }),
    },
    {
      id: 'answered',
      group: t('Pages'),
      label: t('Who answered what'),
      icon: 'inbox',
      words: t('history answered approved denied expired'),
      run: () => void navigate({ to: '/inbox', search: { show: 'answered' } }),
    },
    {
      id: 'notifications',
      group: t('Pages'),
      label: t('Notifications'),
      icon: 'bell',
      words: t('push phone tell settings'),
      run: () => void navigate({ to: '/settings', hash: 'notifications' }),
    },
    {
      id: 'workflows',
      group: t('Pages'),
      label: t('Workflows'),
      icon: 'workflow',
      keys: keyOf('g w'),
      run: () => void navigate({ to: '/workflows' }),
    },
    {
      id: 'executions',
      group: t('Pages'),
      label: t('Executions'),
      icon: 'execution',
      keys: keyOf('g e'),
      run: () => void navigate({ to: '/executions' }),
    },
    {
      id: 'usage',
      group: t('Pages'),
      label: t('Usage and budgets'),
      icon: 'usage',
      keys: keyOf('g u'),
      words: t('tokens cost money limit day'),
      run: () => void navigate({ to: '/usage' }),
    },
    {
      id: 'incidents',
      group: t('Pages'),
      label: t('Incidents'),
      icon: 'alert',
      words: t('errors alerts trouble crashed failed'),
      run: () => void navigate({ to: '/incidents' }),
    },
    {
      id: 'definitions',
      group: t('Pages'),
      label: t('Agent definitions'),
      icon: 'file',
      words: t('instructions prompt markdown import settings'),
      run: () => void navigate({ to: '/settings/definitions' }),
    },
    {
      id: 'settings',
      group: t('Pages'),
      label: t('Settings'),
      icon: 'settings',
      keys: keyOf('g s'),
      words: t('tokens doctor theme'),
      run: () => void navigate({ to: '/settings' }),
    },
  ];
  const views = useSavedViews();
  const compact = useDensity() === 'compact';
  const actions: Command[] = [
    ...(administers
      ? [
          {
            id: 'new-agent',
            group: t('Actions'),
            label: t('Add an agent'),
            icon: 'plus' as const,
            words: t('create new claude codex gemini opencode shell'),
            run: () => void navigate({ to: '/agents/new' }),
          },
        ]
      : []),
    ...(operates
      ? [
          {
            id: 'new-workflow',
            group: t('Actions'),
            label: t('New workflow'),
            icon: 'plus' as const,
            words: t('create draw build automation'),
            run: () => void navigate({ to: '/workflows/new' }),
          },
        ]
      : []),
    {
      id: 'density',
      group: t('Actions'),
      label: compact ? t('Comfortable rows') : t('Compact rows'),
      icon: 'menu',
      words: t('density'),
      run: () => setDensity(compact ? 'comfortable' : 'compact'),
    },
    {
      id: 'light',
      group: t('Actions'),
      label: t('Use the light theme'),
      icon: 'sun',
      run: () => setThemeMode('light'),
    },
    { id: 'dark', group: t('Actions'), label: t('Use the dark theme'), icon: 'moon', run: () => setThemeMode('dark') },
    {
      id: 'system',
      group: t('Actions'),
      label: t('Follow the system theme'),
      icon: 'settings',
      run: () => setThemeMode('system'),
    },
    {
      id: 'keys',
      group: t('Actions'),
      label: t('Show keyboard shortcuts'),
      icon: 'keyboard',
      keys: keyOf('?'),
      run: onShortcuts,
    },
    {
      id: 'docs',
      group: t('Actions'),
      label: t('Open the API reference'),
      icon: 'external',
      run: () => void window.open('/api/docs', '_blank', 'noopener'),
    },
    {
      id: 'leave',
      group: t('Actions'),
      label: t('Sign out'),
      icon: 'user',
      run: () => void signOut(),
    },
  ];
  const forAgents = operates
    ? agents.flatMap((agent): Command[] => {
        const params = { id: agent.id };
        return agent.status === 'stopped' || agent.status === 'crashed'
          ? [
              {
                id: `start-${agent.id}`,
                group: t('Agent actions'),
                label: t('Start {name}', { name: agent.name }),
                icon: 'play',
                run: () =>
                  tell(request('POST /api/agents/{id}/start', { params }), t('{name} starts', { name: agent.name })),
              },
            ]
          : [
              {
                id: `restart-${agent.id}`,
                group: t('Agent actions'),
                label: t('Restart {name}', { name: agent.name }),
                icon: 'restart',
                run: () =>
                  tell(
                    request('POST /api/agents/{id}/restart', { params }),
                    t('{name} restarts', { name: agent.name }),
                  ),
              },
              {
                id: `stop-${agent.id}`,
                group: t('Agent actions'),
                label: t('Stop {name}', { name: agent.name }),
                icon: 'stop',
                run: () =>
                  tell(request('POST /api/agents/{id}/stop', { params }), t('{name} stops', { name: agent.name })),
              },
            ];
      })
    : [];
  const onDesk = (panel: DeskPanel, label: string): Command => ({
    id: `desk-${panelKey(panel)}`,
    group: t('Desk'),
    label: t('Open {label} on the desk', { label }),
    icon: 'desk',
    run: () => void navigate({ to: '/desk', search: { add: addressOf([panel]) } }),
  });
  const others: Command[] = [
    ...views.map(({ name, search }): Command => ({
      id: `view-${name}`,
      group: t('Views'),
      label: name,
      icon: 'bookmark',
      hint: t('view of the overview'),
      run: () => void navigate({ to: '/', search }),
    })),
    ...agents.map((agent): Command => ({
      id: agent.id,
      group: t('Agents'),
      label: agent.name,
      icon: 'agent',
      hint: AGENT_LOOK[agent.status].word,
      words: `${agent.role} ${agent.kind} ${AGENT_LOOK[agent.status].word}`,
      run: () => void navigate({ to: '/agents/$id', params: { id: agent.id } }),
    })),
    ...workflows.flatMap((workflow): Command[] => [
      {
        id: workflow.id,
        group: t('Workflows'),
        label: workflow.name,
        icon: 'workflow',
        hint: t('version {version}', { version: workflow.version }),
        run: () => void navigate({ to: '/workflows/$id', params: { id: workflow.id } }),
      },
      ...(operates
        ? [
            {
              id: `execute-${workflow.id}`,
              group: t('Workflows'),
              label: t('Execute {name}…', { name: workflow.name }),
              icon: 'play' as const,
              run: () =>
                void navigate({ to: '/workflows/$id', params: { id: workflow.id }, search: { execute: true } }),
            },
          ]
        : []),
    ]),
    ...executions.slice(0, 20).map((execution): Command => ({
      id: execution.id,
      group: t('Executions'),
      label: `${execution.name} · ${execution.id.slice(-6)}`,
      icon: 'execution',
      hint: EXECUTION_LOOK[execution.status].word,
      run: () => void navigate({ to: '/executions/$id', params: { id: execution.id } }),
    })),
    ...actions,
    ...forAgents,
    ...agents.map((agent) => onDesk(panelOfAgent(agent), agent.name)),
    ...executions
      .slice(0, 20)
      .map((execution) => onDesk(panelOfExecution(execution), `${execution.name} · ${execution.id.slice(-6)}`)),
  ];
  const known = new Set([...pages, ...others].map(({ label }) => label));
  const onPage = here.filter(({ what }) => !known.has(what));
  return [
    ...pages,
    ...onPage.map(({ what, keys, run }): Command => ({
      id: `here-${what}`,
      group: t('This page'),
      label: what,
      icon: 'arrowRight',
      ...(keys === undefined ? {} : { keys: keyCaps(keys, modKey).join(' ') }),
      // After the palette has given the focus back: some of them move it.
      run: () => setTimeout(run),
    })),
    ...others,
  ];
}
