import { useInfiniteQuery } from '@tanstack/react-query';
import { type UIEvent, useEffect, useLayoutEffect, useRef } from 'react';
import type { Agent } from '../../../src/contract/agents.ts';
import type { TranscriptEntry } from '../../../src/contract/transcript.ts';
import { transcriptQuery } from '../api/queries.ts';
import { Age } from '../ui/age.tsx';
import { Empty, Loading } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { ConversationEntry } from './conversation-entry.tsx';
import styles from './conversation.module.css';
import { FINISHED, type Task } from './task-state.ts';
import { TASK_LOOK } from '../ui/tone.ts';
import { rich } from '../words/rich.ts';
import { locale, t } from '../words/words.ts';

const WHILE_WORKING_MS = 3_000; // what an agent says within a task is told by no event
const OTHERWISE_MS = 10_000; // a CLI may write its last words down after its turn has ended
const AT_END_PX = 40;

/** What was said and done, by the record of the agent's own program; oldest first, at its end as long as nobody scrolls up. */
export function Conversation({ agent, tasks }: { agent: Agent; tasks: readonly Task[] }) {
  const query = useInfiniteQuery({
    ...transcriptQuery(agent.id),
    refetchInterval: agent.status === 'working' ? WHILE_WORKING_MS : OTHERWISE_MS,
  });
  const { refetch } = query;
  const moment = [agent.status, agent.statusSince, tasks[0]?.id, tasks[0]?.status].join();
  useEffect(() => void refetch(), [refetch, moment]);
  const entries = (query.data?.pages ?? []).toReversed().flatMap((page) => page.body);
  const box = useFollowedEnd(entries);

  if (query.error && !query.data) return <ErrorNote error={query.error} onRetry={() => void refetch()} />;
  if (!query.data) return <Loading rows={6} label={t('Reading the conversation')} />;
  if (entries.length === 0)
    return (
      <Empty icon="send" title={t('Nothing was said yet')}>
        {agent.adopted
          ? t('What is said in its own terminal, and the tools it uses, appear here.')
          : rich('Hand {name} a task: what it is told, the tools it uses and what it answers appear here.', {
              name: agent.name,
            })}
      </Empty>
    );
  return (
    <div
      className={styles['turns']}
      tabIndex={0}
      role="log"
      aria-label={t('Conversation with {name}', { name: agent.name })}
      {...box}
    >
      {query.hasNextPage ? (
        <button
          type="button"
          className={styles['older']}
          disabled={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          {query.isFetchingNextPage ? t('Reading …') : t('Show earlier')}
        </button>
      ) : (
        <p className={styles['start']}>{t('This is where it began.')}</p>
      )}
      {entries.map((entry, index) => (
        <ConversationEntry
          key={entries.length - index}
          entry={entry}
          name={agent.name}
          verbatim={agent.kind === 'shell'}
        >
          {entry.taskId !== entries[index + 1]?.taskId && <TaskNote task={taskOf(tasks, entry)} />}
        </ConversationEntry>
      ))}
    </div>
  );
}

function taskOf(tasks: readonly Task[], entry: TranscriptEntry): Task | undefined {
  return tasks.find((task) => task.id === entry.taskId);
}

/** Stays at the end when something is added there, and where it is when something is added before. */
function useFollowedEnd(entries: readonly TranscriptEntry[]) {
  const box = useRef<HTMLDivElement>(null);
  const seen = useRef({ atEnd: true, height: 0, first: '' });
  const first = entries[0]?.at ?? '';
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const { atEnd, height, first: before } = seen.current;
    if (atEnd) element.scrollTop = element.scrollHeight;
    else if (before !== first) element.scrollTop += element.scrollHeight - height;
    seen.current = { ...seen.current, height: element.scrollHeight, first };
  });
  return {
    ref: box,
    onScroll({ currentTarget: { scrollTop, scrollHeight, clientHeight } }: UIEvent<HTMLDivElement>) {
      seen.current = { ...seen.current, atEnd: scrollHeight - scrollTop - clientHeight < AT_END_PX };
    },
  };
}

/** How the task ended in which this was the last word. */
function TaskNote({ task }: { task: Task | undefined }) {
  if (!task) return null;
  const { inputTokens, outputTokens, cost } = task.usage;
  return (
    <>
      {task.error && (
        <p className={styles['error']}>
          <code>{task.error.code}</code> {task.error.message}
        </p>
      )}
      <p className={styles['note']}>
        {FINISHED.includes(task.status) ? (
          <>
            {TASK_LOOK[task.status].word} {task.receipts.finishedAt && <Age since={task.receipts.finishedAt} ago />}
          </>
        ) : (
          WAITING_WORDS[task.status]
        )}
        {inputTokens + outputTokens > 0 &&
          t(' · {inputTokens} tokens in, {outputTokens} out', {
            inputTokens: inputTokens.toLocaleString(locale),
            outputTokens: outputTokens.toLocaleString(locale),
          })}
        {cost > 0 && ` · $${cost.toFixed(4)}`}
      </p>
    </>
  );
}

const WAITING_WORDS: Partial<Record<Task['status'], string>> = {
  queued: t('waits for its turn'),
  delivering: t('is being delivered'),
  running: t('is at work …'),
  blocked: t('waits for your decision'),
};
