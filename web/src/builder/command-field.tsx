import { ExpressionField } from './expression-field.tsx';
import { useFields } from './field-context.tsx';
import type { FieldProps } from './field-row.tsx';
import { t } from '../words/words.ts';
import styles from './fields.module.css';

/** A program with its arguments, one a line, which takes templates; or one line for `sh`, which does not. */
export function CommandField({ path, label, required, value }: FieldProps) {
  const { set, readOnly } = useFields();
  const script = typeof value === 'string';
  const text = script ? value : Array.isArray(value) ? value.join('\n') : '';
  return (
    <div className={styles['stack']}>
      <ExpressionField
        path={path}
        label={label}
        required={required}
        hint={
          script
            ? t('Run by sh. Values come in through the environment, not by {{ }}')
            : t('The program and its arguments, one a line. Each may hold {{ }}')
        }
        kind={script ? 'plain' : 'template'}
        value={text}
        long
        onChange={(next) => set(path, script ? next : next === '' ? [] : next.split('\n'))}
      />
      {!readOnly && (
        <button
          type="button"
          className={styles['link']}
          onClick={() => set(path, script ? text.split(/\s+/).filter(Boolean) : text.split('\n').join(' '))}
        >
          {script ? t('Write it as a list') : t('Write it as a line for sh')}
        </button>
      )}
    </div>
  );
}
