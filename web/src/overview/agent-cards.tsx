import { Link } from '@tanstack/react-router';
import { agentReason } from '../../../src/contract/agent-reason.ts';
import { loadWords, traitWords } from '../agents/agent-facts.ts';
import { Age } from '../ui/age.tsx';
import { Icon } from '../ui/icon.tsx';
import { StatusBadge } from '../ui/status-badge.tsx';
import { AGENT_LOOK } from '../ui/tone.ts';
import type { Row } from './overview-rows.ts';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import styles from './agent-cards.module.css';

interface Props {
  rows: readonly Row[];
  selected: ReadonlySet<string>;
  /** Null: this person may only look. */
  onSelect: ((ids: ReadonlySet<string>) => void) | null;
  onFold: (groupId: string) => void;
}

/** The agents table where there is no room for a table. */
export function AgentCards({ rows, selected, onSelect, onFold }: Props) {
  return (
    <ul className={styles['cards']}>
      {rows.map((row) => {
        if (row.kind === 'group')
          return (
            <li key={row.id}>
              <button
                type="button"
                className={styles['group']}
                aria-expanded={!row.closed}
                onClick={() => onFold(row.id)}
              >
                <Icon name={row.closed ? 'chevronRight' : 'chevronDown'} size={13} />
                <b>{row.label}</b> {row.count}
                {row.needs > 0 && <em>{rich('{needs} need you', { needs: row.needs })}</em>}
              </button>
            </li>
          );
        const { agent } = row;
        return (
          <li key={agent.id} className={styles['row']} data-selected={selected.has(agent.id)}>
            {onSelect && (
              <label className={styles['choose']}>
                <input
                  type="checkbox"
                  aria-label={t('Select {name}', { name: agent.name })}
                  checked={selected.has(agent.id)}
                  onChange={(event) => {
                    const next = new Set(selected);
                    if (event.target.checked) next.add(agent.id);
                    else next.delete(agent.id);
                    onSelect(next);
                  }}
                />
              </label>
            )}
            <Link to="/agents/$id" params={{ id: agent.id }} className={styles['card'] ?? ''}>
              <span className={styles['line']}>
                <b>{agent.name}</b>
                <StatusBadge look={AGENT_LOOK[agent.status]} />
                <span className={styles['age']}>
                  <Age since={agent.statusSince} />
                </span>
              </span>
              <span className={styles['reason']}>{agentReason(agent)}</span>
              <span className={styles['facts']}>
                <span>{traitWords(agent.role, agent.kind)}</span>
                <span>{loadWords(agent)}</span>
              </span>
            </Link>
          </li>
        );
      })}
    </ul>
  );
}
