import type { SchemaField } from './schema-fields.ts';
import styles from './schema-form.module.css';

interface Props {
  fields: readonly SchemaField[];
  typed: Readonly<Record<string, string>>;
  problems: Readonly<Record<string, string>>;
  onChange: (typed: Record<string, string>) => void;
  idPrefix: string;
}

/** The fields of a JSON Schema as a form. */
export function SchemaForm({ fields, typed, problems, onChange, idPrefix }: Props) {
  return (
    <div className={styles['form']}>
      {fields.map((field) => {
        const id = `${idPrefix}-${field.name}`;
        const value = typed[field.name] ?? field.initial;
        const set = (next: string): void => onChange({ ...typed, [field.name]: next });
        const problem = problems[field.name];
        const common = { id, 'aria-invalid': problem !== undefined, 'aria-describedby': `${id}-note` };
        return (
          <div key={field.name} className={styles['field']}>
            {field.kind !== 'boolean' && (
              <label htmlFor={id}>
                {field.label}
                {!field.required && <span> optional</span>}
              </label>
            )}
            {field.kind === 'boolean' ? (
              <label className={styles['check']}>
                <input
                  {...common}
                  type="checkbox"
                  checked={value === 'true'}
                  onChange={(event) => set(String(event.target.checked))}
                />
                {field.label}
              </label>
            ) : field.kind === 'choice' ? (
              <select {...common} value={value} onChange={(event) => set(event.target.value)}>
                <option value="">Choose…</option>
                {field.choices.map((choice, index) => (
                  <option key={index} value={index}>
                    {typeof choice === 'string' ? choice : JSON.stringify(choice)}
                  </option>
                ))}
              </select>
            ) : field.kind === 'number' || field.kind === 'integer' ? (
              <input {...common} inputMode="decimal" value={value} onChange={(event) => set(event.target.value)} />
            ) : (
              <textarea
                {...common}
                rows={field.kind === 'json' ? 4 : 1}
                data-json={field.kind === 'json'}
                value={value}
                onChange={(event) => set(event.target.value)}
              />
            )}
            {field.suggestions && (
              <div className={styles['suggestions']} role="group" aria-label={`Suggestions for ${field.label}`}>
                {field.suggestions.map((suggestion) => (
                  <button
                    key={suggestion}
                    type="button"
                    aria-pressed={value === suggestion}
                    onClick={() => set(suggestion)}
                  >
                    {suggestion}
                  </button>
                ))}
              </div>
            )}
            <p id={`${id}-note`} className={problem ? styles['problem'] : styles['note']}>
              {problem ?? [field.description, field.kind === 'json' ? 'JSON' : ''].filter(Boolean).join(' · ')}
            </p>
          </div>
        );
      })}
    </div>
  );
}
