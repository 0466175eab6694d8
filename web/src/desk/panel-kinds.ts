/** What can lie on a desk: how each kind is called, what it shows, and how a panel is named in an address. Pure. */
import type { Agent } from '../../../src/contract/agents.ts';
import type { Execution } from '../../../src/contract/executions.ts';
import type { IconName } from '../ui/icon.tsx';
import type { DeskPanel } from './desk-layout.ts';
import { t } from '../words/words.ts';

interface PanelKind {
  label: string;
  icon: IconName;
  of: 'agent' | 'execution' | null;
}

export const PANEL_KINDS = {
  terminal: { label: t('Terminal'), icon: 'terminal', of: 'agent' },
  conversation: { label: t('Conversation'), icon: 'send', of: 'agent' },
  graph: { label: t('Graph'), icon: 'workflow', of: 'execution' },
  log: { label: t('Log'), icon: 'file', of: 'execution' },
  inbox: { label: t('Inbox'), icon: 'inbox', of: null },
  executions: { label: t('Executions'), icon: 'execution', of: null },
} as const satisfies Record<string, PanelKind>;
export type PanelKindName = keyof typeof PANEL_KINDS;

export const kindOf = ({ kind }: DeskPanel): PanelKind | null =>
  Object.hasOwn(PANEL_KINDS, kind) ? PANEL_KINDS[kind as PanelKindName] : null; // just looked up

/** The name that people read; `of` is how the agent or execution is called now, if it is there. */
export function panelTitle(panel: DeskPanel, of: string | undefined): string {
  const kind = kindOf(panel);
  if (!kind) return panel.name ?? panel.kind;
  return kind.of === null ? kind.label : (of ?? panel.name ?? 'gone');
}

export const hasTerminal = (agent: Agent): boolean => agent.mode === 'tmux' || agent.adopted !== undefined;

/** What one looks at first: its terminal, or its conversation where it has none. */
export const panelOfAgent = (agent: Agent): DeskPanel => ({
  kind: hasTerminal(agent) ? 'terminal' : 'conversation',
  of: agent.id,
  name: agent.name,
});

export const panelOfExecution = ({ id, name }: Pick<Execution, 'id' | 'name'>): DeskPanel => ({
  kind: 'graph',
  of: id,
  name,
});

// ---- in an address: `terminal.ID,inbox` ----

export const addressOf = (panels: readonly DeskPanel[]): string =>
  panels.map(({ kind, of }) => (of === undefined ? kind : `${kind}.${of}`)).join();

export function panelsIn(address: string): DeskPanel[] {
  return address.split(',').flatMap((part): DeskPanel[] => {
    const [kind = '', of] = part.split('.');
    const known = kindOf({ kind });
    if (!known || (known.of === null) !== (of === undefined)) return [];
    return [{ kind, ...(of ? { of } : {}) }];
  });
}
