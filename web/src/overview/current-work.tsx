import { useQuery } from '@tanstack/react-query';
import { taskQuery } from '../api/queries.ts';
import { t } from '../words/words.ts';

/** What the agent works on, by the first line of its prompt; its id until that was read. */
export function CurrentWork({ taskId }: { taskId: string | undefined }) {
  return taskId === undefined ? '–' : <TaskWords id={taskId} />;
}

function TaskWords({ id }: { id: string }) {
  // A prompt does not change, so it is read once.
  const task = useQuery({ ...taskQuery(id, 'prompt'), staleTime: Infinity }).data;
  const line = task?.prompt.trim().split('\n', 1)[0]?.slice(0, 200) ?? t('task {slice}', { slice: id.slice(-6) });
  return <span title={line}>{line}</span>;
}
