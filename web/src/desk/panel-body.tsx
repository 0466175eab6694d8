import Button from '@mui/material/Button';
import { useQuery } from '@tanstack/react-query';
import { meQuery } from '../api/queries.ts';
import { ExecutionLines } from '../overview/running-executions.tsx';
import { Empty, Loading } from '../ui/empty.tsx';
import { AgentPanel } from './agent-panel.tsx';
import type { DeskPanel } from './desk-layout.ts';
import { ExecutionPanel } from './execution-panel.tsx';
import { InboxPanel } from './inbox-panel.tsx';
import { usePanelFacts } from './panel-facts.ts';
import styles from './desk.module.css';

interface Props {
  panel: DeskPanel;
  /** Whether it is the one that keys are for. */
  active: boolean;
  /** The seat of the terminal in it is taken, or gone. */
  onSeat: (yours: boolean) => void;
  onRemove: () => void;
}

/** What a panel shows. It is there while it is in front: behind others a terminal is attached only with its seat taken. */
export function PanelBody({ panel, active, onSeat, onRemove }: Props) {
  const { state, title } = usePanelFacts(panel);
  const operates = useQuery(meQuery).data?.permissions.includes('operate') ?? false;
  const remove = <Button onClick={onRemove}>Remove this panel</Button>;
  if (state === 'loading') return <Loading rows={5} label={`Loading ${title}`} />;
  if (state === 'unknown')
    return (
      <Empty icon="question" title="This version does not know what lies here" action={remove}>
        A panel of the kind “{panel.kind}” was put here by another version of Pointsman. It is kept until you remove it.
      </Empty>
    );
  if (state === 'gone')
    return (
      <Empty icon="alert" title={`${panel.name ?? 'What was shown here'} is not there any more`} action={remove}>
        {panel.kind === 'terminal' || panel.kind === 'conversation'
          ? 'The agent was removed, so nothing can be shown of it here.'
          : 'The execution cannot be found, so nothing can be shown of it here.'}
      </Empty>
    );
  const of = panel.of ?? '';
  switch (panel.kind) {
    case 'terminal':
    case 'conversation':
      return <AgentPanel id={of} show={panel.kind} active={active} operates={operates} onSeat={onSeat} />;
    case 'graph':
    case 'log':
      return <ExecutionPanel id={of} show={panel.kind} active={active} />;
    case 'inbox':
      return <InboxPanel active={active} operates={operates} />;
    default:
      return (
        <div className={styles['scrolls']} tabIndex={0} role="group" aria-label="Executions under way">
          <ExecutionLines />
        </div>
      );
  }
}
