import { useQuery } from '@tanstack/react-query';
import type { AgentKind } from '../../../src/contract/agents.ts';
import type { Problem } from '../../../src/contract/problem.ts';
import { doctorQuery } from '../api/queries.ts';
import { Icon } from '../ui/icon.tsx';
import { KINDS, kindOf } from './new-agent.ts';
import { t } from '../words/words.ts';
import styles from './new-agent-page.module.css';

/** Which CLI, with what the doctor knows of it on this machine. */
export function KindPicker({
  value,
  problems,
  onChange,
}: {
  value: AgentKind;
  problems: readonly Problem[];
  onChange: (kind: AgentKind) => void;
}) {
  const doctor = useQuery(doctorQuery).data;
  const checkOf = (kind: AgentKind) => doctor?.find(({ check }) => check === kindOf(kind).check);
  const missing = (kind: AgentKind) => /not found/.test(checkOf(kind)?.detail ?? '');
  const next = checkOf(value)?.next;
  return (
    <fieldset className={styles['kinds']}>
      <legend className="sr-only">{t('Kind of agent')}</legend>
      {KINDS.map(({ kind, name, about, check }) => {
        const found = checkOf(kind);
        const state = check === null ? 'ok' : !found ? 'open' : missing(kind) ? 'missing' : found.status;
        return (
          <label key={kind} className={styles['kind']} data-chosen={value === kind} data-state={state}>
            <input
              type="radio"
              name="kind"
              value={kind}
              checked={value === kind}
              aria-invalid={value === kind && problems.length > 0}
              onChange={() => onChange(kind)}
            />
            <b>{name}</b>
            <small>{about}</small>
            <span className={styles['state']}>
              <Icon
                name={state === 'ok' ? 'check' : state === 'open' ? 'clock' : state === 'missing' ? 'dash' : 'alert'}
                size={13}
              />
              {check === null
                ? t('Nothing to install')
                : !found
                  ? t('Looking…')
                  : state === 'missing'
                    ? t('Not installed')
                    : state === 'ok'
                      ? found.detail.slice(0, 40)
                      : t('Older than measured')}
            </span>
          </label>
        );
      })}
      {problems.map((problem) => (
        <p key={problem.message} className={styles['problem']} role="alert">
          {problem.message}
        </p>
      ))}
      <p className={styles['next']}>{next ?? ' '}</p>
    </fieldset>
  );
}
