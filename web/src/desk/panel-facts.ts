/** What the title of a panel says of what it shows: its name, its status, and whether it is there at all. */
import { useQuery } from '@tanstack/react-query';
import { executionQuery } from '../api/queries.ts';
import { useAgents, useExecutions, useInbox } from '../live/use-topic.ts';
import { ACTIVE_EXECUTION } from '../overview/running-executions.tsx';
import type { IconName } from '../ui/icon.tsx';
import { AGENT_LOOK, EXECUTION_LOOK, type Look } from '../ui/tone.ts';
import type { DeskPanel } from './desk-layout.ts';
import { kindOf, panelTitle } from './panel-kinds.ts';
import { t } from '../words/words.ts';

export interface PanelFacts {
  icon: IconName;
  title: string;
  /** Undefined until it is known. */
  look: Look | undefined;
  /** What a screen reader says of it. */
  spoken: string;
  state: 'loading' | 'there' | 'gone' | 'unknown';
}

const GONE: Look = { word: t('Gone'), icon: 'dash', tone: 'quiet' };

export function usePanelFacts(panel: DeskPanel): PanelFacts {
  const kind = kindOf(panel);
  const agents = useAgents().data;
  const executions = useExecutions().data;
  const open = useInbox().data?.open.length;
  const agent = kind?.of === 'agent' ? agents?.find(({ id }) => id === panel.of) : undefined;
  const recent = kind?.of === 'execution' ? executions?.find(({ id }) => id === panel.of) : undefined;
  // Those that ended long ago are in no list.
  const old = useQuery({
    ...executionQuery(panel.of ?? ''),
    enabled: kind?.of === 'execution' && executions !== undefined && !recent,
    retry: false,
  });
  const execution = recent ?? old.data;
  const facts = (state: PanelFacts['state'], look: Look | undefined, name?: string): PanelFacts => {
    const title = panelTitle(panel, name);
    // What is seen comes first and in its order, so that it can be said to be clicked.
    const spoken = [title, look?.word, kind?.of ? kind.label.toLowerCase() : undefined].filter(Boolean).join(', ');
    return { icon: kind?.icon ?? 'question', title, look, state, spoken };
  };
  if (!kind) return facts('unknown', { word: t('Unknown'), icon: 'question', tone: 'quiet' });
  if (kind.of === 'agent') {
    if (agent) return facts('there', AGENT_LOOK[agent.status], agent.name);
    return agents ? facts('gone', GONE) : facts('loading', undefined);
  }
  if (kind.of === 'execution') {
    if (execution) return facts('there', EXECUTION_LOOK[execution.status], execution.name);
    return old.error ? facts('gone', GONE) : facts('loading', undefined);
  }
  if (panel.kind === 'inbox')
    return facts(
      'there',
      open === undefined
        ? undefined
        : open > 0
          ? { word: t('{open} open', { open }), icon: 'hand', tone: 'warn' }
          : { word: t('nothing waits'), icon: 'check', tone: 'ok' },
    );
  const active = executions?.filter(({ status }) => ACTIVE_EXECUTION.includes(status)).length;
  return facts(
    'there',
    active === undefined
      ? undefined
      : active > 0
        ? { word: t('{active} active', { active }), icon: 'spinner', tone: 'run' }
        : { word: t('none active'), icon: 'ring', tone: 'quiet' },
  );
}
