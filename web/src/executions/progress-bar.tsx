import type { Tone } from '../ui/tone.ts';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import styles from './progress-bar.module.css';

/** How many nodes have ended; their number is unknown beforehand only for loops. */
export function ProgressBar({ done, total, tone }: { done: number; total: number; tone: Tone }) {
  const share = total === 0 ? 0 : done / total;
  return (
    <div
      className={styles['bar']}
      role="progressbar"
      aria-valuemin={0}
      aria-valuemax={total}
      aria-valuenow={done}
      aria-label={t('{done} of {total} nodes ended', { done, total })}
      data-tone={tone}
    >
      <span className={styles['track']}>
        <span style={{ transform: `scaleX(${share})` }} />
      </span>
      <span className={styles['words']}>{rich('{done} of {total}', { done, total })}</span>
    </div>
  );
}
