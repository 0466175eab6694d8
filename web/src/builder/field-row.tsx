import { type ReactNode, useId } from 'react';
import type { Problem } from '../../../src/contract/problem.ts';
import { pointer, type Path } from './document.ts';
import { useFields } from './field-context.tsx';
import { problemsAt } from './problem-places.ts';
import { t } from '../words/words.ts';
import styles from './fields.module.css';

export interface Labelled {
  id: string;
  'aria-describedby': string;
  'aria-invalid': boolean;
}

/** What every kind of field is given; `path` and `value` are of the document. */
export interface FieldProps {
  path: Path;
  label: string;
  required: boolean;
  hint: string;
  value: unknown;
}

/** A label, a field, and below it what is wrong or what it is for. */
export function FieldRow({
  path,
  label,
  required = false,
  hint,
  children,
}: {
  path: Path;
  label: string;
  required?: boolean;
  hint?: string | undefined;
  children: (given: Labelled) => ReactNode;
}) {
  const id = useId();
  const place = pointer(path);
  const wrong = problemsAt(useFields().problems, place);
  return (
    <div className={styles['field']} data-field={place}>
      <label htmlFor={id}>
        {label}
        {required && <span> {t('needed')}</span>}
      </label>
      {children({ id, 'aria-describedby': `${id}-note`, 'aria-invalid': wrong.some(isError) })}
      <FieldNote id={`${id}-note`} problems={wrong} hint={hint} />
    </div>
  );
}

export function FieldNote({
  id,
  problems,
  hint,
}: {
  id?: string;
  problems: readonly Problem[];
  hint?: string | undefined;
}) {
  return (
    <div {...(id ? { id } : {})} className={styles['notes']}>
      {problems.map((problem, index) => (
        <p key={index} data-severity={problem.severity}>
          {problem.message}
        </p>
      ))}
      {problems.length === 0 && hint && <p>{hint}</p>}
    </div>
  );
}

const isError = ({ severity }: Problem): boolean => severity === 'error';
