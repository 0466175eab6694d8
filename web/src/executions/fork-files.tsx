import type { Checkpoint, ForkExecution } from '../../../src/contract/executions.ts';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import styles from './fork-files.module.css';

export type BeginsWith = NonNullable<ForkExecution['files']>;

interface Props {
  seq: number;
  /** What is known of the files of then; undefined where nothing is turned back. */
  files: Checkpoint['files'];
  value: BeginsWith;
  onChange: (value: BeginsWith) => void;
}

/** The files that a fork begins with, and the choice where there is one. */
export function ForkFiles({ seq, files, value, onChange }: Props) {
  if (files === undefined)
    return (
      <p className={styles['files']}>
        {rich('{b} it works where this execution works, with what is there now.', {
          b: <b>{t('Files are not turned back:')}</b>,
        })}
      </p>
    );
  const choices = [
    {
      begins: 'checkpoint',
      label: t('As they were at checkpoint {seq}', { seq }),
      about: files === 'kept' ? t('What later steps changed is not there.') : t('Cannot be chosen: they are not kept.'),
      disabled: files === 'lost',
    },
    {
      begins: 'newest',
      label: t('As they are now'),
      about: t('With what all steps of this execution changed. What is not committed there is committed first.'),
      disabled: false,
    },
  ] as const;
  return (
    <fieldset className={styles['files']}>
      <legend>{t('Files it begins with')}</legend>
      {choices.map(({ begins, label, about, disabled }) => (
        <label key={begins} data-disabled={disabled}>
          <input
            type="radio"
            name="fork-files"
            checked={value === begins}
            disabled={disabled}
            onChange={() => onChange(begins)}
          />
          <span>
            {label}
            <small>{about}</small>
          </span>
        </label>
      ))}
      <p>{t('It has a worktree and a branch of its own. The files of this execution stay as they are.')}</p>
    </fieldset>
  );
}
