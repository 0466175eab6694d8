import { Icon } from '../ui/icon.tsx';
import { type CriticalPath, pathWords } from './critical-path.ts';
import { t } from '../words/words.ts';
import styles from './execution-page.module.css';

/** In one sentence how long it took, and why. */
export function TimeSummary({ path, running }: { path: CriticalPath | null; running: boolean }) {
  return (
    <p className={styles['summary']} title={path?.nodes.join(' → ')}>
      <Icon name="clock" size={14} />
      {path ? pathWords(path, running) : t('Nothing has run yet.')}
    </p>
  );
}
