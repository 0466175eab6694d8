import { useEffect, useRef } from 'react';
import type { Agent } from '../../../src/contract/agents.ts';
import { Age } from '../ui/age.tsx';
import { Empty } from '../ui/empty.tsx';
import { Panel } from '../ui/panel.tsx';
import { VisibleText } from '../ui/visible-text.tsx';
import styles from './conversation.module.css';
import { FINISHED, type Task } from './task-state.ts';

const SHOWN = 20;

/** What was said, oldest first: the place of the terminal for an agent that has none. */
export function Conversation({ agent, tasks }: { agent: Agent; tasks: readonly Task[] }) {
  const end = useRef<HTMLDivElement>(null);
  const turns = tasks.slice(0, SHOWN).toReversed();
  const newest = tasks[0];
  useEffect(() => {
    end.current?.scrollIntoView({ block: 'nearest' });
  }, [newest?.id, newest?.status]);
  return (
    <Panel title="Conversation" flush>
      {turns.length === 0 ? (
        <Empty icon="send" title="Nothing was said yet">
          {agent.name} runs without a terminal. Hand it a task: what it is told and what it answers appears here.
        </Empty>
      ) : (
        <div className={styles['turns']} tabIndex={0} role="log" aria-label={`Conversation with ${agent.name}`}>
          {turns.map((task) => (
            <div key={task.id} className={styles['turn']}>
              <div className={styles['said']}>
                <VisibleText text={task.prompt} />
              </div>
              <Answer task={task} />
            </div>
          ))}
          <div ref={end} />
        </div>
      )}
    </Panel>
  );
}

function Answer({ task }: { task: Task }) {
  const { inputTokens, outputTokens, cost } = task.usage;
  return (
    <div className={styles['answered']}>
      {task.result?.text && (
        <p>
          <VisibleText text={task.result.text} />
        </p>
      )}
      {task.error && (
        <p className={styles['error']}>
          <code>{task.error.code}</code> {task.error.message}
        </p>
      )}
      <p className={styles['note']}>
        {FINISHED.includes(task.status) ? (
          <>
            {task.status.replaceAll('_', ' ')}{' '}
            {task.receipts.finishedAt && <Age since={task.receipts.finishedAt} ago />}
          </>
        ) : (
          WAITING_WORDS[task.status]
        )}
        {inputTokens + outputTokens > 0 &&
          ` · ${inputTokens.toLocaleString()} tokens in, ${outputTokens.toLocaleString()} out`}
        {cost > 0 && ` · $${cost.toFixed(4)}`}
      </p>
    </div>
  );
}

const WAITING_WORDS: Partial<Record<Task['status'], string>> = {
  queued: 'waits for its turn',
  delivering: 'is being delivered',
  running: 'is at work …',
  blocked: 'waits for your decision',
};
