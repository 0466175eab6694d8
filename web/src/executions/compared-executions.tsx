import { Link } from '@tanstack/react-router';
import type { Execution } from '../../../src/contract/executions.ts';
import { StatusBadge } from '../ui/status-badge.tsx';
import { dateWords } from '../ui/time-words.ts';
import { EXECUTION_LOOK } from '../ui/tone.ts';
import { Took } from './took.tsx';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import styles from './comparison-page.module.css';

/** Which two are compared: A is what it was before, B what it is compared with. */
export function ComparedExecutions({ a, b }: { a: Execution; b: Execution }) {
  return (
    <div className={styles['pair']}>
      {[['A', a] as const, ['B', b] as const].map(([letter, execution]) => (
        <section key={letter} className={styles['side']} aria-label={t('Execution {letter}', { letter })}>
          <b className={styles['letter']}>{letter}</b>
          <Link to="/executions/$id" params={{ id: execution.id }}>
            {execution.name} <code>{execution.id.slice(-6)}</code>
          </Link>
          <StatusBadge look={EXECUTION_LOOK[execution.status]} />
          <span className={styles['facts']}>
            <span>{dateWords(execution.startedAt ?? execution.createdAt)}</span>
            <span>
              <Took execution={execution} />
            </span>
            <span>
              {execution.version === 0 ? t('inline document') : t('version {version}', { version: execution.version })}
            </span>
            {execution.origin && (
              <span>
                {rich('{kind} of {slice}', {
                  kind: execution.origin.kind,
                  slice: execution.origin.executionId.slice(-6),
                })}
              </span>
            )}
          </span>
          {execution.error && (
            <span className={styles['error']}>
              <code>{execution.error.code}</code> {execution.error.message}
            </span>
          )}
        </section>
      ))}
    </div>
  );
}
