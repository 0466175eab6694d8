import { isPart, type Path } from './document.ts';
import { useFields } from './field-context.tsx';
import { FieldRow } from './field-row.tsx';
import { t } from '../words/words.ts';
import styles from './fields.module.css';

interface Props {
  path: Path;
  label: string;
  hint: string;
  value: unknown;
}

/** When a node with several edges coming in starts. */
export function JoinField({ path, label, hint, value }: Props) {
  const { set, readOnly } = useFields();
  const quorum = isPart(value) ? value : null;
  return (
    <FieldRow path={path} label={label} hint={hint}>
      {(given) => (
        <div className={styles['stack']}>
          <select
            {...given}
            disabled={readOnly}
            value={quorum ? 'quorum' : typeof value === 'string' ? value : 'all'}
            onChange={({ target }) =>
              set(path, target.value === 'quorum' ? { quorum: 2 } : target.value === 'all' ? undefined : target.value)
            }
          >
            <option value="all">{t('when all are there')}</option>
            <option value="any">{t('with the first that is there')}</option>
            <option value="quorum">{t('when some are there')}</option>
          </select>
          {quorum && (
            <div className={styles['pair']}>
              <input
                aria-label={t('How many')}
                inputMode="numeric"
                readOnly={readOnly}
                value={String(quorum['quorum'] ?? '')}
                onChange={({ target }) =>
                  set([...path, 'quorum'], /^\d+$/.test(target.value) ? Number(target.value) : target.value)
                }
              />
              <label className={styles['check']}>
                <input
                  type="checkbox"
                  disabled={readOnly}
                  checked={quorum['cancelRest'] === true}
                  onChange={({ target }) => set([...path, 'cancelRest'], target.checked || undefined)}
                />
                {t('cancel the rest')}
              </label>
            </div>
          )}
        </div>
      )}
    </FieldRow>
  );
}
