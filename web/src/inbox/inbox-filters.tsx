import type { Agent } from '../../../src/contract/agents.ts';
import type { InboxItem } from '../../../src/contract/inbox.ts';
import { Icon } from '../ui/icon.tsx';
import { INBOX_KINDS, INBOX_LOOK } from '../ui/tone.ts';
import { type End, ENDS, endIn, type InboxSearch, kindCounts, typeIn } from './inbox-filter.ts';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import styles from './inbox-filters.module.css';

const END_WORDS: Record<End, string> = { resolved: t('Answered'), expired: t('Expired'), withdrawn: t('Withdrawn') };

interface Props {
  search: InboxSearch;
  history: boolean;
  open: readonly InboxItem[];
  agents: readonly Agent[];
  /** Names of who answered, as far as they are known. */
  people: readonly string[];
  onChange: (change: Partial<InboxSearch>) => void;
}

/** Kinds as chips, the rest as lists; of the open items only what there is. */
export function InboxFilters({ search, history, open, agents, people, onChange }: Props) {
  const type = typeIn(search);
  const counts = new Map(kindCounts(open).map(({ kind, count }) => [kind, count]));
  const kinds = INBOX_KINDS.filter((kind) => history || counts.has(kind) || kind === type);
  const asking = agents.filter(({ id }) => history || id === search.agent || open.some((item) => item.agentId === id));
  return (
    <div className={styles['filters']}>
      <div className={styles['kinds']} role="group" aria-label={t('Kind')}>
        <button type="button" aria-pressed={type === undefined} onClick={() => onChange({ type: undefined })}>
          {t('All')}
        </button>
        {kinds.map((kind) => (
          <button
            key={kind}
            type="button"
            aria-pressed={type === kind}
            onClick={() => onChange({ type: type === kind ? undefined : kind })}
          >
            <Icon name={INBOX_LOOK[kind].icon} size={13} />
            {INBOX_LOOK[kind].word}
            {!history && <span>{counts.get(kind) ?? 0}</span>}
          </button>
        ))}
      </div>
      <div className={styles['lists']}>
        {history && (
          <select
            aria-label={t('How it ended')}
            value={endIn(search)}
            onChange={(event) => onChange({ end: event.target.value })}
          >
            {ENDS.map((end) => (
              <option key={end} value={end}>
                {END_WORDS[end]}
              </option>
            ))}
          </select>
        )}
        {history && endIn(search) === 'resolved' && (
          <select
            aria-label={t('Who answered')}
            value={search.by ?? ''}
            onChange={(event) => onChange({ by: event.target.value || undefined })}
          >
            <option value="">{t('By anybody')}</option>
            {[...new Set([...people, ...(search.by ? [search.by] : [])])].toSorted().map((name) => (
              <option key={name} value={name}>
                {rich('By {name}', { name })}
              </option>
            ))}
          </select>
        )}
        {asking.length > 0 && (
          <select
            aria-label={t('Agent')}
            value={search.agent ?? ''}
            onChange={(event) => onChange({ agent: event.target.value || undefined })}
          >
            <option value="">{t('Every agent and workflow')}</option>
            {asking.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        )}
      </div>
    </div>
  );
}
