import { useSyncExternalStore } from 'react';
import { Icon } from './icon.tsx';
import { dismissToast, onToasts, shownToasts } from './toasts.ts';
import { t } from '../words/words.ts';
import styles from './toast-region.module.css';

export function ToastRegion() {
  const toasts = useSyncExternalStore(onToasts, shownToasts);
  return (
    <div className={styles['region']} role="status" aria-live="polite">
      {toasts.map((toast) => (
        <div key={toast.id} className={styles['toast']} data-tone={toast.tone}>
          <Icon name={toast.tone === 'bad' ? 'alert' : toast.tone === 'ok' ? 'check' : 'bell'} />
          <span>{toast.text}</span>
          {toast.action && (
            <button
              type="button"
              className={styles['action']}
              onClick={() => {
                toast.action?.run();
                dismissToast(toast.id);
              }}
            >
              {toast.action.label}
            </button>
          )}
          <button
            type="button"
            className={styles['close']}
            aria-label={t('Dismiss')}
            onClick={() => dismissToast(toast.id)}
          >
            <Icon name="cross" size={14} />
          </button>
        </div>
      ))}
    </div>
  );
}
