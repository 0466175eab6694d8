import Button from '@mui/material/Button';
import { ApiError } from '../api/api-error.ts';
import { Icon } from './icon.tsx';
import { t } from '../words/words.ts';
import styles from './error-note.module.css';

/** An error in real words: what happened, which fields, what to do; the code and request id for whoever helps. */
export function ErrorNote({ error, onRetry }: { error: unknown; onRetry?: (() => void) | undefined }) {
  const api = error instanceof ApiError ? error : null;
  const message = error instanceof Error ? error.message : String(error);
  return (
    <div className={styles['note']} role="alert">
      <Icon name="alert" size={18} className={styles['icon']} />
      <div className={styles['text']}>
        <strong>{api?.title ?? t('This did not work')}</strong>
        {message !== api?.title && <p>{message}</p>}
        {api && api.problems.length > 0 && (
          <ul>
            {api.problems.map((problem, index) => (
              <li key={index}>
                {problem.path && <code>{problem.path}</code>} {problem.message}
              </li>
            ))}
          </ul>
        )}
        {api && (
          <small>
            {api.code}
            {api.requestId && t(' · request {requestId}', { requestId: api.requestId })}
          </small>
        )}
      </div>
      {onRetry && <Button onClick={onRetry}>{t('Try again')}</Button>}
    </div>
  );
}
