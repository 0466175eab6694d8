import { useInfiniteQuery } from '@tanstack/react-query';
import Button from '@mui/material/Button';
import { useState } from 'react';
import type { Checkpoint, Execution } from '../../../src/contract/executions.ts';
import { requestPage } from '../api/request.ts';
import { Age } from '../ui/age.tsx';
import { Empty, Loading } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { StatusBadge } from '../ui/status-badge.tsx';
import { EXECUTION_LOOK } from '../ui/tone.ts';
import { ForkDialog } from './fork-dialog.tsx';
import { t } from '../words/words.ts';
import styles from './checkpoint-list.module.css';

/** Every moment the execution can be gone back to, newest first. */
export function CheckpointList({ execution, mayFork }: { execution: Execution; mayFork: boolean }) {
  const [chosen, setChosen] = useState<Checkpoint | null>(null);
  const pages = useInfiniteQuery({
    // Steps change with checkpoints: their number tells when to read again.
    queryKey: ['execution', execution.id, 'checkpoints', execution.status, execution.steps.length],
    queryFn: ({ pageParam, signal }) =>
      requestPage('GET /api/executions/{id}/checkpoints', {
        params: { id: execution.id },
        query: { cursor: pageParam ?? undefined },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
  if (pages.error) return <ErrorNote error={pages.error} onRetry={() => void pages.refetch()} />;
  if (!pages.data) return <Loading rows={4} label={t('Loading the checkpoints')} />;
  const checkpoints = pages.data.pages.flatMap(({ body }) => body);
  if (checkpoints.length === 0) return <Empty icon="execution" title={t('No checkpoint yet')} />;
  return (
    <div className={styles['list']}>
      <ol>
        {checkpoints.map((checkpoint) => {
          const { id, seq, at, status, changed } = checkpoint;
          return (
            <li key={id}>
              <StatusBadge look={EXECUTION_LOOK[status]} />
              <span className={styles['changed']} title={changed.join(', ')}>
                {changed.length > 0 ? [...new Set(changed)].join(', ') : t('the beginning')}
              </span>
              <span className={styles['age']}>
                <Age since={at} ago />
              </span>
              {mayFork && (
                <Button
                  size="small"
                  onClick={() => setChosen(checkpoint)}
                  aria-label={t('Fork from checkpoint {seq}, {word}', { seq, word: EXECUTION_LOOK[status].word })}
                >
                  {t('Fork')}
                </Button>
              )}
            </li>
          );
        })}
      </ol>
      {pages.hasNextPage && (
        <Button disabled={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
          {t('Show older')}
        </Button>
      )}
      {chosen && <ForkDialog execution={execution} checkpoint={chosen} onClose={() => setChosen(null)} />}
    </div>
  );
}
