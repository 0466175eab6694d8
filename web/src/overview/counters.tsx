import { useQuery } from '@tanstack/react-query';
import { usageQuery } from '../api/queries.ts';
import { useAgents, useExecutions, useInbox } from '../live/use-topic.ts';
import { byteWords, moneyWords, percentWords, plural } from '../ui/time-words.ts';
import { ACTIVE_EXECUTION } from './running-executions.tsx';
import styles from './counters.module.css';

/** The numbers of the whole installation, in one line that keeps its place. */
export function Counters() {
  const agents = useAgents().data ?? [];
  const waiting = useInbox().data?.open.length ?? 0;
  const active = useExecutions().data?.filter(({ status }) => ACTIVE_EXECUTION.includes(status)).length ?? 0;
  // By day the last entry is today, by the server's clock.
  const today = useQuery(usageQuery({ by: 'day' })).data?.entries.at(-1);
  const cpu = agents.reduce((sum, agent) => sum + agent.cpu, 0);
  const memory = agents.reduce((sum, agent) => sum + agent.memory, 0);
  return (
    <span className={styles['counters']}>
      <span>
        <b>{waiting}</b> waiting for you
      </span>
      <span>
        <b>{active}</b> active {active === 1 ? 'execution' : 'executions'}
      </span>
      <span>
        <b>{percentWords(cpu)}</b> of a core, <b>{byteWords(memory)}</b> by {plural(agents.length, 'agent')}
      </span>
      <span>
        <b>{moneyWords(today?.cost ?? 0)}</b> today
      </span>
    </span>
  );
}
