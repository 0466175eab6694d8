import type { Execution } from '../../../src/contract/executions.ts';
import { rich } from '../words/rich.ts';
import { Elapsed } from './elapsed.tsx';

/** How long an execution took, or has been going on. */
export function Took({ execution: { startedAt, finishedAt } }: { execution: Execution }) {
  const duration = <Elapsed startedAt={startedAt} finishedAt={finishedAt} />;
  return finishedAt === undefined ? rich('for {duration}', { duration }) : rich('took {duration}', { duration });
}
