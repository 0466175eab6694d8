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
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
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
  const remove = <Button onClick={onRemove}>{t('Remove this panel')}</Button>;
  if (state === 'loading') return <Loading rows={5} label={t('Loading {title}', { title })} />;
  if (state === 'unknown')
    return (
      <Empty icon="question" title={t('This version does not know what lies here')} action={remove}>
        {rich(
          'A panel of the kind “{kind}” was put here by another version of Pointsman. It is kept until you remove it.',
          { kind: panel.kind },
        )}
      </Empty>
    );
  if (state === 'gone')
    return (
      <Empty
        icon="alert"
        title={t('{name} is not there any more', { name: panel.name ?? t('What was shown here') })}
        action={remove}
      >
        {panel.kind === 'terminal' || panel.kind === 'conversation'
          ? t('The agent was removed, so nothing can be shown of it here.')
          : t('The execution cannot be found, so nothing can be shown of it here.')}
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
        <div className={styles['scrolls']} tabIndex={0} role="group" aria-label={t('Executions under way')}>
          <ExecutionLines />
        </div>
      );
  }
}
