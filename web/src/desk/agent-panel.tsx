import { Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { agentReason } from '../../../src/contract/agent-reason.ts';
import { Conversation } from '../agents/conversation.tsx';
import { useAgent, useInbox } from '../live/use-topic.ts';
import { NoAgent } from '../agents/no-agent.tsx';
import { Empty, Loading } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Icon } from '../ui/icon.tsx';
import { AGENT_LOOK } from '../ui/tone.ts';
import { VisibleText } from '../ui/visible-text.tsx';
import { hasTerminal } from './panel-kinds.ts';
import { t } from '../words/words.ts';
import styles from './desk.module.css';

const TerminalView = lazy(() =>
  import('../terminal/terminal-view.tsx').then((module) => ({ default: module.TerminalView })),
);

interface Props {
  id: string;
  show: 'terminal' | 'conversation';
  active: boolean;
  operates: boolean;
  onSeat: (yours: boolean) => void;
}

/** An agent's terminal with its seat, or its conversation; and what it waits for. */
export function AgentPanel({ id, show, active, operates, onSeat }: Props) {
  const { data, error } = useAgent(id);
  const waiting = useInbox().data?.open.find((item) => item.agentId === id);
  if (data === null) return <NoAgent />;
  if (!data)
    return error ? <ErrorNote error={new Error(error)} /> : <Loading rows={6} label={t('Loading the agent')} />;
  const { agent, tasks } = data;
  return (
    <div className={styles['body']}>
      <p className={styles['note']}>
        {waiting ? (
          <Link to="/inbox" search={{ item: waiting.id }} className={styles['waits'] ?? ''}>
            <Icon name="hand" size={14} />
            <span>
              <VisibleText text={waiting.title} />
            </span>
          </Link>
        ) : (
          <span title={agentReason(agent)}>{agentReason(agent) || AGENT_LOOK[agent.status].word}</span>
        )}
        <Link to="/agents/$id" params={{ id }}>
          {t('Its page')}
        </Link>
      </p>
      <div className={styles['fills']}>
        {show === 'conversation' ? (
          <Conversation agent={agent} tasks={tasks} />
        ) : !hasTerminal(agent) ? (
          <Empty icon="terminal" title={t('This agent has no terminal')}>
            {t('It runs without one. Its conversation can be put on the desk instead.')}
          </Empty>
        ) : (
          <Suspense fallback={<Loading rows={6} label={t('Loading the terminal')} />}>
            <TerminalView
              agentId={id}
              name={agent.name}
              mayType={operates}
              blocked={agent.status === 'blocked' && !agent.adopted}
              running={!['stopped', 'starting', 'crashed'].includes(agent.status)}
              fill
              keys={active}
              onSeat={onSeat}
            />
          </Suspense>
        )}
      </div>
    </div>
  );
}
