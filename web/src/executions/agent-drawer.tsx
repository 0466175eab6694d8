import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useRef } from 'react';
import type { Step } from '../../../src/contract/executions.ts';
import { agentReason } from '../../../src/contract/agent-reason.ts';
import { Conversation } from '../agents/conversation.tsx';
import { ReceiptList } from '../agents/receipt-list.tsx';
import { TaskProgressLine } from '../agents/task-progress-line.tsx';
import { useAgent } from '../live/use-topic.ts';
import { NoAgent } from '../agents/no-agent.tsx';
import { Loading } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Icon } from '../ui/icon.tsx';
import { useKeys } from '../ui/keys.ts';
import { StatusBadge } from '../ui/status-badge.tsx';
import { AGENT_LOOK, STEP_LOOK, TASK_LOOK } from '../ui/tone.ts';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import styles from './agent-drawer.module.css';

const TerminalView = lazy(() =>
  import('../terminal/terminal-view.tsx').then((module) => ({ default: module.TerminalView })),
);

interface Props {
  agentId: string;
  executionId: string;
  /** The step it is opened from. */
  step: Step | undefined;
  mayType: boolean;
  onClose: () => void;
}

/** The agent that works on a step, beside the execution: look, take the seat, type, hand it back, and watch it go on. */
export function AgentDrawer({ agentId, executionId, step, mayType, onClose }: Props) {
  const { data, error } = useAgent(agentId);
  const panel = useRef<HTMLElement>(null);
  useKeys('Execution', { Escape: [t('Close the agent'), onClose] });
  useEffect(() => {
    const before = document.activeElement;
    panel.current?.focus();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  const agent = data?.agent;
  const task =
    data?.tasks.find(({ stepId }) => stepId !== undefined && stepId === step?.id) ??
    data?.tasks.find((one) => one.executionId === executionId && one.id === agent?.currentTask);
  const told = data?.progress.find(({ taskId }) => taskId === task?.id);
  const hasTerminal = agent !== undefined && (agent.mode === 'tmux' || agent.adopted !== undefined);
  return (
    <aside
      className={styles['drawer']}
      ref={panel}
      tabIndex={-1}
      aria-label={agent ? t('Agent {name}', { name: agent.name }) : t('Agent')}
    >
      <header className={styles['head']}>
        <h2>{agent?.name ?? t('Agent')}</h2>
        {agent && <StatusBadge look={AGENT_LOOK[agent.status]} />}
        {agent && (
          <Link to="/agents/$id" params={{ id: agentId }}>
            {t('Its page')}
          </Link>
        )}
        <button
          type="button"
          className={styles['close']}
          aria-label={t('Close')}
          title={t('Close (Esc)')}
          onClick={onClose}
        >
          <Icon name="cross" size={16} />
        </button>
      </header>
      {error && <ErrorNote error={new Error(error)} />}
      {data === null && <NoAgent />}
      {data === undefined && !error && <Loading rows={6} label={t('Loading the agent')} />}
      {agent && (
        <div className={styles['body']}>
          <p className={styles['reason']}>{agentReason(agent) || AGENT_LOOK[agent.status].word}</p>
          {(task || step) && (
            <div className={styles['task']}>
              {step && (
                <span className={styles['of']}>
                  {rich('Step {nodeId}', { nodeId: <b>{step.nodeId}</b> })}{' '}
                  <StatusBadge look={STEP_LOOK[step.status]} plain />
                </span>
              )}
              {task && (
                <span className={styles['of']}>
                  {t('Task')} <StatusBadge look={TASK_LOOK[task.status]} plain />
                </span>
              )}
              {task && <ReceiptList receipts={task.receipts} />}
            </div>
          )}
          {told && task?.receipts.finishedAt === null && <TaskProgressLine progress={told} />}
          {hasTerminal ? (
            <Suspense fallback={<Loading rows={8} label={t('Loading the terminal')} />}>
              <TerminalView
                agentId={agent.id}
                name={agent.name}
                mayType={mayType}
                blocked={agent.status === 'blocked' && !agent.adopted}
                running={!['stopped', 'starting', 'crashed'].includes(agent.status)}
              />
            </Suspense>
          ) : (
            <Conversation agent={agent} tasks={data?.tasks ?? []} />
          )}
        </div>
      )}
    </aside>
  );
}
