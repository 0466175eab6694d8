/** Counts what this process did, for whoever watches it; tells nobody by itself and loses all at its end. */
import type { Step } from '../contract/executions.ts';
import type { TaskStatus } from '../contract/tasks.ts';
import type { ExecutionRecord } from './store/executions.ts';

export interface Meter {
  /** A visit of an execution was committed. */
  visited(visit: { before: ExecutionRecord; after: ExecutionRecord; steps: readonly Step[] }): void;
  taskEnded(status: TaskStatus): void;
}
