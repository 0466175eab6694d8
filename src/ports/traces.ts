/** Where executions are shown as traces, run by run. What is told here is told once it is committed; nobody waits for it. */
import type { Step } from '../contract/executions.ts';
import type { ExecutionRecord } from './store/executions.ts';

export interface Traces {
  /** Never throws. */
  changed(execution: ExecutionRecord, steps: readonly Step[]): void;
  /** What the runs within a step name as what they lie below. */
  placeOf(executionId: string, stepId: string): string;
  /** Sends what is not sent yet. */
  close(): Promise<void>;
}
