/** The desk that is proposed to somebody who has none: whoever needs them, and what waits. Pure. */
import type { Agent } from '../../../src/contract/agents.ts';
import { byAttention, needsPerson } from '../agents/attention.ts';
import { type DeskLayout, type DeskNode, type DeskPanel, groupOf, tidy } from './desk-layout.ts';
import { panelOfAgent } from './panel-kinds.ts';

const MOST_AGENTS = 4; // more than four terminals beside each other cannot be read

/** Who needs a person first; then those at work. Nobody who rests is put before them, but an empty desk is no proposal. */
export function agentsToWatch(agents: readonly Agent[]): Agent[] {
  const ordered = agents.toSorted(byAttention);
  const awake = ordered.filter((agent) => needsPerson(agent) || agent.status !== 'stopped');
  return (awake.length > 0 ? awake : ordered).slice(0, MOST_AGENTS);
}

export function firstDesk(agents: readonly Agent[]): DeskNode {
  const watched = agentsToWatch(agents).map(panelOfAgent);
  const aside: DeskNode = column([{ kind: 'inbox' }, { kind: 'executions' }]);
  if (watched.length === 0) return aside;
  // Two beside each other from three on; with fewer, wide terminals below each other.
  const rows = watched.length <= 2 ? watched.map((panel) => [panel]) : [watched.slice(0, 2), watched.slice(2)];
  const main = tidy({
    across: 'column',
    parts: rows.map((row) => ({
      share: 1 / rows.length,
      node: { across: 'row', parts: row.map((panel) => ({ share: 1 / row.length, node: groupOf(panel) })) },
    })),
  }) as DeskLayout;
  return {
    across: 'row',
    parts: [
      { share: 0.68, node: main ?? aside },
      { share: 0.32, node: aside },
    ],
  };
}

const column = (panels: readonly DeskPanel[]): DeskNode => ({
  across: 'column',
  parts: panels.map((panel, index) => ({ share: index === 0 ? 0.6 : 0.4, node: groupOf(panel) })),
});
