import { useAgents, useExecutions } from '../live/use-topic.ts';
import type { Command } from '../shell/commands.ts';
import { Finder } from '../shell/finder.tsx';
import { AGENT_LOOK, EXECUTION_LOOK } from '../ui/tone.ts';
import { type DeskLayout, type DeskPanel, groupWith, panelKey } from './desk-layout.ts';
import { hasTerminal, PANEL_KINDS, type PanelKindName } from './panel-kinds.ts';
import { t } from '../words/words.ts';

interface Props {
  layout: DeskLayout;
  onAdd: (panel: DeskPanel) => void;
  onClose: () => void;
}

/** Anything that can lie on a desk, found by name. */
export function AddPanel({ layout, onAdd, onClose }: Props) {
  const agents = useAgents().data ?? [];
  const executions = useExecutions().data ?? [];
  const offer = (group: string, panel: DeskPanel & { kind: PanelKindName }, more: Partial<Command>): Command => ({
    id: panelKey(panel),
    group,
    label: PANEL_KINDS[panel.kind].label,
    icon: PANEL_KINDS[panel.kind].icon,
    ...more,
    ...(groupWith(layout, panelKey(panel)) ? { hint: t('on this desk') } : {}),
    run: () => onAdd(panel),
  });
  return (
    <Finder
      label={t('Add a panel')}
      placeholder={t('Find an agent, an execution, the inbox')}
      onClose={onClose}
      commands={[
        offer(t('Everything'), { kind: 'inbox' }, { words: t('permission question approval answer') }),
        offer(t('Everything'), { kind: 'executions' }, { label: t('Executions under way'), words: 'running' }),
        ...agents.flatMap((agent) =>
          [...(hasTerminal(agent) ? (['terminal'] as const) : []), 'conversation' as const].map((kind) =>
            offer(
              t('Agents'),
              { kind, of: agent.id, name: agent.name },
              {
                label: `${agent.name} · ${PANEL_KINDS[kind].label.toLowerCase()}`,
                hint: AGENT_LOOK[agent.status].word,
                words: agent.role,
              },
            ),
          ),
        ),
        ...executions.flatMap((execution) =>
          (['graph', 'log'] as const).map((kind) =>
            offer(
              t('Executions'),
              { kind, of: execution.id, name: execution.name },
              {
                label: `${execution.name} ${execution.id.slice(-6)} · ${PANEL_KINDS[kind].label.toLowerCase()}`,
                hint: EXECUTION_LOOK[execution.status].word,
              },
            ),
          ),
        ),
      ]}
    />
  );
}
