import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { Agent } from '../../../src/contract/agents.ts';
import { explainQuery } from '../api/queries.ts';
import { Loading } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Icon } from '../ui/icon.tsx';
import { Panel } from '../ui/panel.tsx';
import { ageWords } from '../ui/time-words.ts';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import styles from './evidence-panel.module.css';

/** Every source that says something about the status, the one believed first. */
export function EvidencePanel({ agent }: { agent: Agent }) {
  const { data, error, refetch } = useQuery(explainQuery(agent.id));
  const client = useQueryClient();
  useEffect(() => {
    void client.invalidateQueries({ queryKey: explainQuery(agent.id).queryKey });
  }, [client, agent.id, agent.status, agent.statusSince]);
  return (
    <Panel title={t('Why this status')} flush>
      {error ? (
        <ErrorNote error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <Loading rows={2} />
      ) : (
        <ul className={styles['list']}>
          {data.evidence
            .toSorted((a, b) => Number(b.used) - Number(a.used) || a.rank - b.rank)
            .map((entry, index) => (
              <li key={index} data-used={entry.used}>
                <Icon name={entry.used ? 'check' : 'dash'} size={14} />
                <div>
                  {rich('{source} says {b}', { source: <b>{entry.source}</b>, b: <b>{entry.value}</b> })}
                  <p>{entry.reason}</p>
                </div>
                <span>
                  {rich('{value} · {ageSeconds} old', {
                    value: entry.used ? t('believed') : t('outranked'),
                    ageSeconds: ageWords(entry.ageSeconds * 1000),
                  })}
                </span>
              </li>
            ))}
          {data.evidence.length === 0 && <li>{t('Nothing was observed yet.')}</li>}
        </ul>
      )}
    </Panel>
  );
}
