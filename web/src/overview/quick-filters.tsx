import type { Agent } from '../../../src/contract/agents.ts';
import { ALL_QUICK, QUICK, type Quick } from './overview-view.ts';
import { t } from '../words/words.ts';
import styles from './overview-toolbar.module.css';

/** How many agents are how; a press shows only these. */
export function QuickFilters({
  agents,
  value,
  onChange,
}: {
  agents: readonly Agent[] | undefined;
  value: Quick;
  onChange: (quick: Quick) => void;
}) {
  return (
    <div className={styles['quick']} role="group" aria-label={t('Which agents')}>
      {ALL_QUICK.map((quick) => {
        const count = agents?.filter(QUICK[quick].fits).length ?? 0;
        return (
          <button
            key={quick}
            type="button"
            aria-pressed={value === quick}
            data-warn={quick === 'needs' && count > 0}
            data-none={count === 0}
            onClick={() => onChange(value === quick ? 'all' : quick)}
          >
            {QUICK[quick].word} <b>{agents ? count : '–'}</b>
          </button>
        );
      })}
    </div>
  );
}
