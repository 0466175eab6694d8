import { lazy, Suspense } from 'react';
import { agentReason } from '../../../src/contract/agent-reason.ts';
import { useAgent } from '../live/use-topic.ts';
import { Age } from '../ui/age.tsx';
import { Empty, Loading } from '../ui/empty.tsx';
import { StatusBadge } from '../ui/status-badge.tsx';
import { AGENT_LOOK } from '../ui/tone.ts';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import styles from './embed.module.css';

const TerminalView = lazy(() =>
  import('../terminal/terminal-view.tsx').then((module) => ({ default: module.TerminalView })),
);

/** The terminal to look at; typing is for the app. */
export function EmbeddedAgent({ id }: { id: string }) {
  const { data, error } = useAgent(id);
  if (error || data === null) return <Empty icon="alert" title={t('This agent is not there any more')} />;
  if (!data) return <Loading rows={6} label={t('Loading the agent')} />;
  const { agent } = data;
  return (
    <>
      <header className={styles['head']}>
        <h1>{agent.name}</h1>
        <StatusBadge look={AGENT_LOOK[agent.status]} />
        <span>
          {rich('{agentReason} · for {statusSince}', {
            agentReason: agentReason(agent),
            statusSince: <Age since={agent.statusSince} />,
          })}
        </span>
      </header>
      {agent.mode === 'tmux' ? (
        <Suspense fallback={<Loading rows={6} label={t('Loading the terminal')} />}>
          <TerminalView
            agentId={agent.id}
            name={agent.name}
            mayType={false}
            blocked={false}
            running={!['stopped', 'starting', 'crashed'].includes(agent.status)}
          />
        </Suspense>
      ) : (
        <Empty icon="terminal" title={t('This agent has no terminal')}>
          {t('It runs without one; its conversation is in Pointsman.')}
        </Empty>
      )}
    </>
  );
}
