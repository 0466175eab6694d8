// What the world reports to settle: outcomes of attempts, answers, timers, signals and control, in the order of arrival.
import type { StepError } from '../../contract/executions.ts';
import type { FilesThen } from './execution-state.ts';

/** `${nodeId}:${iteration}:${itemIndex|'-'}:${attempt}`; a nested map joins its indexes with dots ("0.3"). */
export type AttemptKey = string;

/** What keeps an execution paused; `parent`: the execution that has started it is paused. */
export type PauseHold = 'person' | 'budget' | 'parent';

/** What the end of an attempt left in the execution's own worktree. */
interface LeftFiles {
  files?: FilesThen;
}

/** Times are ISO 8601 in UTC. An event for a finished or unheard-of key changes nothing. */
export type SettleEvent =
  /** At its `deadline` it is cancelled: the time that the step of its parent may take. */
  | { type: 'execution_started'; at?: string; deadline?: string }
  /** The first event of an execution that begins where another one was. */
  | { type: 'execution_continued'; at: string }
  | { type: 'attempt_started'; key: AttemptKey; at: string; taskId?: string; childExecutionId?: string }
  | { type: 'attempt_waiting'; key: AttemptKey; at: string; waiting: boolean; reason?: string }
  | ({ type: 'attempt_succeeded'; key: AttemptKey; at: string; output?: unknown } & LeftFiles)
  | ({ type: 'attempt_failed'; key: AttemptKey; at: string; error: StepError; output?: unknown } & LeftFiles)
  | ({ type: 'attempt_cancelled'; key: AttemptKey; at: string; output?: unknown } & LeftFiles)
  | ({ type: 'attempt_unknown'; key: AttemptKey; at: string; reason: string } & LeftFiles)
  | { type: 'timer_fired'; timerId: string; at: string }
  | {
      type: 'approval_answered';
      key: AttemptKey;
      at: string;
      decision: 'approve' | 'reject';
      by: string | null;
      form?: unknown;
      note?: string;
      expired?: boolean;
    }
  | {
      type: 'failure_resolved';
      key: AttemptKey;
      at: string;
      decision: 'retry' | 'fail' | 'mark_succeeded';
      form?: unknown;
      by: string;
    }
  | { type: 'signal_received'; id: string; name: string; data?: unknown; at: string }
  | { type: 'cancel_requested'; at: string; by?: string | null }
  /** Without `hold` a person's. Each hold is taken back by itself; the execution goes on when none is left. */
  | { type: 'pause_requested'; at: string; by?: string | null; hold?: PauseHold }
  | { type: 'resume_requested'; at: string; by?: string | null; hold?: PauseHold }
  | ({
      type: 'merge_finished';
      key: AttemptKey;
      at: string;
      outcome: 'merged' | 'conflict';
      detail?: string;
    } & LeftFiles);
