import { type RefObject, useEffect, useState } from 'react';
import type { ExecutionStatus } from '../../../src/contract/executions.ts';
import type { Workflow } from '../../../src/contract/workflows.ts';
import type { ExecutionsSearch } from '../shell/router.tsx';
import { focusTitle } from '../ui/kept-focus.ts';
import { EXECUTION_LOOK } from '../ui/tone.ts';
import { type ExecutionsFilter, SINCE } from './executions-filter.ts';
import { t } from '../words/words.ts';
import { useKeyOf } from '../ui/chosen-keys.ts';
import styles from './executions-page.module.css';

interface Props {
  filter: ExecutionsFilter;
  statuses: readonly ExecutionStatus[];
  workflows: readonly Workflow[];
  field: RefObject<HTMLInputElement | null>;
  onChange: (next: ExecutionsSearch) => void;
}

const TYPED_MS = 250; // long enough for the next letter

export function ExecutionsFilters({ filter, statuses, workflows, field, onChange }: Props) {
  const toggle = (status: ExecutionStatus): void => {
    const next = filter.statuses.includes(status)
      ? filter.statuses.filter((one) => one !== status)
      : [...filter.statuses, status];
    onChange({ status: next.join(',') });
  };
  return (
    <div className={styles['filters']}>
      <div role="group" aria-label={t('Status')} className={styles['statuses']}>
        <button type="button" aria-pressed={filter.statuses.length === 0} onClick={() => onChange({ status: '' })}>
          {t('All')}
        </button>
        {statuses.map((status) => (
          <button
            key={status}
            type="button"
            aria-pressed={filter.statuses.includes(status)}
            onClick={() => toggle(status)}
          >
            {EXECUTION_LOOK[status].word}
          </button>
        ))}
      </div>
      <div className={styles['fields']}>
        <SearchField field={field} text={filter.search ?? ''} onChange={onChange} />
        <select
          aria-label={t('Workflow')}
          value={filter.workflow ?? ''}
          onChange={(event) => onChange({ workflow: event.target.value })}
        >
          <option value="">{t('All workflows')}</option>
          {workflows.map((workflow) => (
            <option key={workflow.id} value={workflow.id}>
              {workflow.name}
            </option>
          ))}
        </select>
        <select
          aria-label={t('Started')}
          value={filter.since?.value ?? ''}
          onChange={(event) => onChange({ since: event.target.value })}
        >
          <option value="">{t('Any time')}</option>
          {SINCE.map(({ value, words }) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </select>
      </div>
    </div>
  );
}

function SearchField({ field, text, onChange }: { field: Props['field']; text: string; onChange: Props['onChange'] }) {
  const keyOf = useKeyOf('Executions');
  const [typed, setTyped] = useState({ text, sent: text });
  // Somebody else changed the address: a link, or the way back.
  const shown = typed.sent === text ? typed.text : text;
  useEffect(() => {
    const wanted = shown.trim();
    if (wanted === text) return;
    const timer = setTimeout(() => {
      setTyped({ text: shown, sent: wanted });
      onChange({ search: wanted });
    }, TYPED_MS);
    return () => clearTimeout(timer);
  });
  return (
    <input
      ref={field}
      type="search"
      placeholder={t('Name or id ( {key} )', { key: keyOf('/') })}
      aria-label={t('Name or id')}
      value={shown}
      onChange={(event) => setTyped({ text: event.target.value, sent: text })}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault(); // the browser would clear it
        focusTitle();
      }}
    />
  );
}
