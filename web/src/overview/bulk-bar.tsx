import Button from '@mui/material/Button';
import type { Agent } from '../../../src/contract/agents.ts';
import { OpenOnDesk } from '../desk/open-on-desk.tsx';
import { panelOfAgent } from '../desk/panel-kinds.ts';
import { Icon } from '../ui/icon.tsx';
import { BULK, type BulkName } from './bulk.ts';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import styles from './bulk.module.css';

const ORDER: BulkName[] = ['send', 'start', 'interrupt', 'restart', 'stop'];

/** Over the page while agents are selected: what can be done to all of them. */
export function BulkBar({
  agents,
  onAct,
  onClear,
}: {
  agents: readonly Agent[];
  onAct: (action: BulkName) => void;
  onClear: () => void;
}) {
  return (
    <div className={styles['bar']} role="toolbar" aria-label={t('{count} selected', { count: agents.length })}>
      <span className={styles['count']} role="status">
        {rich('{count} selected', { count: <b>{agents.length}</b> })}
      </span>
      {ORDER.map((name) => {
        const fitting = agents.filter(BULK[name].fits).length;
        return (
          <Button
            key={name}
            disabled={fitting === 0}
            startIcon={<Icon name={BULK[name].icon} />}
            onClick={() => onAct(name)}
          >
            {BULK[name].verb}
            {fitting > 0 && fitting < agents.length && ` (${fitting})`}
          </Button>
        );
      })}
      <OpenOnDesk panels={agents.map(panelOfAgent)} />
      <button
        type="button"
        className={styles['clear']}
        onClick={onClear}
        title={t('Select none (Esc)')}
        aria-label={t('Select none')}
      >
        <Icon name="cross" />
      </button>
    </div>
  );
}
