import { useQuery } from '@tanstack/react-query';
import { usageQuery } from '../api/queries.ts';
import { useAgents, useExecutions, useInbox } from '../live/use-topic.ts';
import { byteWords, moneyWords, percentWords } from '../ui/time-words.ts';
import { ACTIVE_EXECUTION } from './running-executions.tsx';
import { rich } from '../words/rich.ts';
import styles from './counters.module.css';
import { plural } from '../words/words.ts';

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
      <span>{rich('{waiting} waiting for you', { waiting: <b>{waiting}</b> })}</span>
      <span>
        {active === 1
          ? rich('{active} active execution', { active: <b>{active}</b> })
          : rich('{active} active executions', { active: <b>{active}</b> })}
      </span>
      <span>
        {rich('{cpu} of a core, {memory} by {count}', {
          cpu: <b>{percentWords(cpu)}</b>,
          memory: <b>{byteWords(memory)}</b>,
          count: plural(agents.length, 'agent'),
        })}
      </span>
      <span>{rich('{cost} today', { cost: <b>{moneyWords(today?.cost ?? 0)}</b> })}</span>
    </span>
  );
}
