import { useState } from 'react';
import { useFields } from './field-context.tsx';
import { type FieldProps, FieldNote, FieldRow } from './field-row.tsx';
import { t } from '../words/words.ts';
import styles from './fields.module.css';

/** Any JSON as text. What cannot be read yet stays in the field and does not reach the document. */
export function JsonField({ path, label, required, hint, value }: FieldProps) {
  const { set, readOnly } = useFields();
  const [typed, setTyped] = useState<{ text: string; of: unknown } | null>(null);
  // Undone, or changed elsewhere: what was typed here is not it any more.
  const text = typed && typed.of === value ? typed.text : value === undefined ? '' : JSON.stringify(value, null, 2);
  const problem = text.trim() === '' ? null : jsonProblem(text);
  function change(next: string): void {
    const empty = next.trim() === '';
    if (!empty && jsonProblem(next) !== null) return setTyped({ text: next, of: value });
    const read: unknown = empty ? undefined : JSON.parse(next);
    setTyped({ text: next, of: read });
    set(path, read);
  }
  return (
    <FieldRow path={path} label={label} required={required} hint={problem ? '' : hint}>
      {(given) => (
        <>
          <textarea
            {...given}
            aria-invalid={given['aria-invalid'] || problem !== null}
            className={styles['code'] ?? ''}
            rows={Math.min(12, Math.max(2, text.split('\n').length))}
            spellCheck={false}
            readOnly={readOnly}
            placeholder="{ }"
            value={text}
            onChange={(event) => change(event.target.value)}
          />
          {problem && <FieldNote problems={[{ path: '', code: 'JSON', message: problem, severity: 'error' }]} />}
        </>
      )}
    </FieldRow>
  );
}

function jsonProblem(text: string): string | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return t('Not JSON yet: {value}', { value: error instanceof Error ? error.message : '' });
  }
}
