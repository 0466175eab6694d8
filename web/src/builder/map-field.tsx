import { Icon } from '../ui/icon.tsx';
import type { Part, Path } from './document.ts';
import { ExpressionField } from './expression-field.tsx';
import { useFields } from './field-context.tsx';
import { freshId } from './names.ts';
import { t } from '../words/words.ts';
import styles from './fields.module.css';

interface Props {
  path: Path;
  label: string;
  hint: string;
  value: Part;
  /** Its values are expressions, not templates. */
  expressions: boolean;
}

/** Names with a text each, in the order they are written. */
export function MapField({ path, label, hint, value, expressions }: Props) {
  const { set, readOnly } = useFields();
  const entries = Object.entries(value);
  const put = (next: [string, unknown][]): void => set(path, next.length === 0 ? undefined : Object.fromEntries(next));
  return (
    <fieldset className={styles['map']} data-field={`/${path.join('/')}`}>
      <legend>{label}</legend>
      {entries.map(([name, text], at) => (
        <div key={at} className={styles['entry']}>
          <div className={styles['pair']}>
            <input
              aria-label={t('{label}: name {at}', { label, at: at + 1 })}
              value={name}
              spellCheck={false}
              readOnly={readOnly}
              onChange={({ target }) => {
                if (entries.some(([other], index) => index !== at && other === target.value)) return;
                put(entries.with(at, [target.value, text]));
              }}
            />
            {!readOnly && (
              <button
                type="button"
                aria-label={t('Remove {name}', { name })}
                onClick={() => put(entries.filter((_entry, index) => index !== at))}
              >
                <Icon name="cross" size={14} />
              </button>
            )}
          </div>
          <ExpressionField
            path={[...path, name]}
            label={t('Value of {name}', { name })}
            hideLabel
            required
            hint=""
            kind={expressions ? 'expression' : 'template'}
            value={typeof text === 'string' ? text : JSON.stringify(text)}
            onChange={(next) => set([...path, name], next)}
          />
        </div>
      ))}
      {entries.length === 0 && hint && <p className={styles['quiet']}>{hint}</p>}
      {!readOnly && (
        <button
          type="button"
          className={styles['link']}
          onClick={() => put([...entries, [freshId(expressions ? 'result' : 'NAME', new Set(Object.keys(value))), '']])}
        >
          {t('Add one')}
        </button>
      )}
    </fieldset>
  );
}
