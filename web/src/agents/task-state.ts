import type { Task, TaskStatus } from '../../../src/contract/tasks.ts';

export type { Task };

/** Statuses that never change again. Written out here because importing the contract's list would bring Zod along. */
export const FINISHED: readonly TaskStatus[] = ['succeeded', 'failed', 'cancelled', 'timed_out', 'delivery_unknown'];
