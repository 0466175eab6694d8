/** Retries an execution that has ended, and goes to the new one. */
import { useNavigate } from '@tanstack/react-router';
import { newId } from '../api/new-id.ts';
import { request } from '../api/request.ts';
import { useAction } from '../ui/use-action.ts';
import { t } from '../words/words.ts';

export function useRetry(id: string): { busy: boolean; retry: (fromNode?: string) => void } {
  const { busy, run } = useAction();
  const navigate = useNavigate();
  const retry = (fromNode?: string): void =>
    void run(
      async () => {
        const body = fromNode === undefined ? {} : { fromNode };
        const next = await request('POST /api/executions/{id}/retry', {
          params: { id },
          body,
          headers: { 'idempotency-key': newId() },
        });
        await navigate({ to: '/executions/$id', params: { id: next.id } });
      },
      { done: t('A new execution goes on from this one') },
    );
  return { busy, retry };
}
