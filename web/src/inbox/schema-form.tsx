import { choiceLabels, chosenPlaces, type SchemaField } from './schema-fields.ts';
import { t } from '../words/words.ts';
import styles from './schema-form.module.css';

interface Props {
  fields: readonly SchemaField[];
  typed: Readonly<Record<string, string>>;
  problems: Readonly<Record<string, string>>;
  onChange: (typed: Record<string, string>) => void;
  idPrefix: string;
}

/** The fields of a JSON Schema as a form; a problem stands at its field. */
export function SchemaForm({ fields, typed, problems, onChange, idPrefix }: Props) {
  return (
    <div className={styles['form']}>
      {fields.map((field) => (
        <Field
          key={field.name}
          field={field}
          id={`${idPrefix}-${field.name}`}
          value={typed[field.name] ?? field.initial}
          problem={problems[field.name]}
          onChange={(next) => onChange({ ...typed, [field.name]: next })}
        />
      ))}
    </div>
  );
}

interface FieldProps {
  field: SchemaField;
  id: string;
  value: string;
  problem: string | undefined;
  onChange: (value: string) => void;
}

function Field({ field, id, value, problem, onChange }: FieldProps) {
  const hint = { json: 'JSON', list: t('one per line') }[field.kind as string];
  return (
    <div className={styles['field']}>
      {field.kind !== 'boolean' && (
        <label htmlFor={field.kind === 'choices' ? undefined : id} id={`${id}-label`}>
          {field.label}
          {!field.required && <span> {t('optional')}</span>}
        </label>
      )}
      <Input field={field} id={id} value={value} problem={problem} onChange={onChange} />
      {field.suggestions && (
        <div
          className={styles['suggestions']}
          role="group"
          aria-label={t('Suggestions for {label}', { label: field.label })}
        >
          {field.suggestions.map((suggestion) => (
            <button
              key={suggestion}
              type="button"
              aria-pressed={value === suggestion}
              onClick={() => onChange(suggestion)}
            >
              {suggestion}
            </button>
          ))}
        </div>
      )}
      <p id={`${id}-note`} className={problem ? styles['problem'] : styles['note']}>
        {[problem, field.description, hint].filter(Boolean).join(' · ')}
      </p>
    </div>
  );
}

function Input({ field, id, value, problem, onChange }: FieldProps) {
  const common = {
    id,
    'aria-invalid': problem !== undefined,
    'aria-describedby': `${id}-note`,
    'aria-required': field.required,
  };
  switch (field.kind) {
    case 'boolean':
      return (
        <label className={styles['check']}>
          <input
            id={id}
            type="checkbox"
            aria-describedby={`${id}-note`}
            checked={value === 'true'}
            onChange={(event) => onChange(String(event.target.checked))}
          />
          {field.label}
        </label>
      );
    case 'choice':
      return (
        <select {...common} value={value} onChange={(event) => onChange(event.target.value)}>
          <option value="">{t('Choose…')}</option>
          {choiceLabels(field).map((label, index) => (
            <option key={index} value={index}>
              {label}
            </option>
          ))}
        </select>
      );
    case 'choices':
      return <Choices field={field} id={id} value={value} problem={problem} onChange={onChange} />;
    case 'number':
    case 'integer':
      return <input {...common} inputMode="decimal" value={value} onChange={(event) => onChange(event.target.value)} />;
    case 'text':
      if (field.input)
        return (
          <input {...common} type={field.input} value={value} onChange={(event) => onChange(event.target.value)} />
        );
      break;
    default:
  }
  return (
    <textarea
      {...common}
      rows={field.kind === 'json' ? 4 : field.kind === 'list' ? 2 : 1}
      data-json={field.kind === 'json'}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

function Choices({ field, id, value, onChange }: FieldProps) {
  const chosen = chosenPlaces(value);
  return (
    <div className={styles['choices']} role="group" aria-labelledby={`${id}-label`} aria-describedby={`${id}-note`}>
      {choiceLabels(field).map((label, place) => (
        <label key={place} className={styles['check']}>
          <input
            id={place === 0 ? id : undefined}
            type="checkbox"
            checked={chosen.includes(place)}
            onChange={(event) =>
              onChange(
                JSON.stringify(
                  field.choices.flatMap((_, each) =>
                    (each === place ? event.target.checked : chosen.includes(each)) ? [each] : [],
                  ),
                ),
              )
            }
          />
          {label}
        </label>
      ))}
    </div>
  );
}
