import { type ReactNode, useId } from 'react';
import type { Problem } from '../../../src/contract/problem.ts';
import { PERMISSION_MODES, problemsByField, type TypedFields } from './definition-fields.ts';
import { t } from '../words/words.ts';
import styles from './definition-form.module.css';

interface Props {
  typed: TypedFields;
  onChange: (typed: TypedFields) => void;
  problems: readonly Problem[];
  /** A new one is given its name here; later its name is its address. */
  named: boolean;
  readOnly: boolean;
}

/** What a definition says, field by field; the instructions are Markdown as it is. */
export function DefinitionForm({ typed, onChange, problems, named, readOnly }: Props) {
  const id = useId();
  const found = problemsByField(problems);
  const field = (
    name: keyof TypedFields,
    label: string,
    note: string,
    control: (props: ReturnType<typeof propsOf>) => ReactNode,
    className = '',
  ) => (
    <div className={`${styles['field']} ${className}`}>
      <label htmlFor={`${id}-${name}`}>{label}</label>
      {control(propsOf(name))}
      {found[name]?.map((problem, index) => (
        <p key={index} className={styles['problem']} id={index === 0 ? `${id}-${name}-problem` : undefined}>
          {problem.message}
        </p>
      ))}
      {note && (
        <p className={styles['note']} id={`${id}-${name}-note`}>
          {note}
        </p>
      )}
    </div>
  );
  const propsOf = (name: keyof TypedFields) => ({
    id: `${id}-${name}`,
    value: typed[name],
    'aria-invalid': found[name] !== undefined,
    'aria-describedby': found[name] ? `${id}-${name}-problem` : `${id}-${name}-note`,
    onChange: (event: { target: { value: string } }) => onChange({ ...typed, [name]: event.target.value }),
  });
  const input = (props: ReturnType<typeof propsOf>) => (
    <input type="text" {...props} readOnly={readOnly} autoComplete="off" spellCheck={false} />
  );
  return (
    <div className={styles['form']}>
      {named && field('name', t('Name'), t('Letters, digits, spaces and . _ -; also the name of its file.'), input)}
      {field('description', t('Description'), t('What it is good for, and when to use it.'), (props) => (
        <textarea rows={2} {...props} readOnly={readOnly} />
      ))}
      <fieldset className={styles['cli']}>
        <legend>{t('Heeded by agents of the kind claude; the permission mode by every kind')}</legend>
        {field('model', t('Model'), t('Empty: what the agent or the CLI says.'), input)}
        {field('permissionMode', t('Permission mode'), t('A mode of the agent itself wins.'), (props) => (
          <select {...props} disabled={readOnly}>
            <option value="">{t('As the agent says')}</option>
            {PERMISSION_MODES.map((mode) => (
              <option key={mode}>{mode}</option>
            ))}
          </select>
        ))}
        {field('tools', t('Tools'), t('With commas. Empty: every tool the CLI has.'), input)}
        {field('disallowedTools', t('Tools it must not use'), t('With commas.'), input)}
      </fieldset>
      {field(
        'instructions',
        t('Instructions'),
        t('Markdown. What the agent is told besides its prompt.'),
        (props) => (
          <textarea rows={14} {...props} readOnly={readOnly} spellCheck={false} />
        ),
        styles['instructions'],
      )}
    </div>
  );
}
