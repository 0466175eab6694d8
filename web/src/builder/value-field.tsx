import { isPart } from './document.ts';
import { ExpressionField } from './expression-field.tsx';
import { useFields } from './field-context.tsx';
import type { FieldProps } from './field-row.tsx';
import { MapField } from './map-field.tsx';
import { t } from '../words/words.ts';
import styles from './fields.module.css';

/** One expression, or several by name. */
export function ValueField({ path, label, required, hint, value }: FieldProps) {
  const { set, readOnly } = useFields();
  return (
    <div className={styles['stack']}>
      {isPart(value) ? (
        <MapField path={path} label={label} hint={hint} value={value} expressions />
      ) : (
        <ExpressionField
          path={path}
          label={label}
          required={required}
          hint={hint}
          kind="expression"
          value={typeof value === 'string' ? value : ''}
          onChange={(next) => set(path, next)}
        />
      )}
      {!readOnly && (
        <button
          type="button"
          className={styles['link']}
          onClick={() =>
            set(
              path,
              isPart(value)
                ? String(Object.values(value)[0] ?? '')
                : { result: typeof value === 'string' ? value : '' },
            )
          }
        >
          {isPart(value) ? t('Make it one value') : t('Give several by name')}
        </button>
      )}
    </div>
  );
}
