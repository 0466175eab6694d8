import { Link } from '@tanstack/react-router';
import type { Agent } from '../../../src/contract/agents.ts';
import { agentReason } from '../../../src/contract/agent-reason.ts';
import { Age } from '../ui/age.tsx';
import { StatusBadge } from '../ui/status-badge.tsx';
import { byteWords, percentWords } from '../ui/time-words.ts';
import { AGENT_LOOK } from '../ui/tone.ts';
import styles from './agent-cards.module.css';

/** The agents table where there is no room for a table. */
export function AgentCards({ agents }: { agents: readonly Agent[] }) {
  return (
    <ul className={styles['cards']}>
      {agents.map((agent) => (
        <li key={agent.id}>
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
              <span>{[agent.role, agent.kind].filter(Boolean).join(' · ')}</span>
              <span>
                {percentWords(agent.cpu)} · {byteWords(agent.memory)}
              </span>
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
