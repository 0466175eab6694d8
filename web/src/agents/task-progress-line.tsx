import type { TaskProgress } from '../../../src/contract/tasks.ts';
import { Age } from '../ui/age.tsx';
import { VisibleText } from '../ui/visible-text.tsx';
import { t } from '../words/words.ts';
import styles from './task-progress-line.module.css';

/** The last that an agent said of how far its task is, in its own words. */
export function TaskProgressLine({ progress }: { progress: TaskProgress }) {
  const { message, percent, at } = progress;
  return (
    <div className={styles['progress']} role="group" aria-label={t('Progress')}>
      <p>
        <VisibleText text={message} />
      </p>
      <span className={styles['age']}>
        <Age since={at} ago />
      </span>
      {percent !== undefined && (
        <span
          className={styles['share']}
          role="progressbar"
          aria-label={t('As the agent says')}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={percent}
        >
          <span className={styles['track']}>
            <span style={{ transform: `scaleX(${percent / 100})` }} />
          </span>
          {Math.round(percent)} %
        </span>
      )}
    </div>
  );
}
