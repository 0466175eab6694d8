import { agentReason } from '../../../src/contract/agent-reason.ts';
import { byAttention } from '../agents/attention.ts';
import { useAgents } from '../live/use-topic.ts';
import { Age } from '../ui/age.tsx';
import { Empty, Loading } from '../ui/empty.tsx';
import { StatusBadge } from '../ui/status-badge.tsx';
import { AGENT_LOOK } from '../ui/tone.ts';
import { t } from '../words/words.ts';
import styles from './embed.module.css';

/** Every agent in a line, whoever needs somebody first. */
export function EmbeddedOverview() {
  const { data, error } = useAgents();
  if (error) return <Empty icon="alert" title={t('The agents cannot be shown')} />;
  if (!data) return <Loading rows={6} label={t('Loading the agents')} />;
  return (
    <>
      <header className={styles['head']}>
        <h1>{t('Agents')}</h1>
        <span>{data.length}</span>
      </header>
      <ul className={styles['agents']}>
        {data.toSorted(byAttention).map((agent) => (
          <li key={agent.id}>
            <b>{agent.name}</b>
            <StatusBadge look={AGENT_LOOK[agent.status]} />
            <span>{agentReason(agent)}</span>
            <Age since={agent.statusSince} />
          </li>
        ))}
      </ul>
    </>
  );
}
