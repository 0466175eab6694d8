// What the world reports to settle: outcomes of attempts, answers, timers, signals and control, in the order of arrival.

/** `${nodeId}:${iteration}:${itemIndex|'-'}:${attempt}`; a nested map joins its indexes with dots ("0.3"). */
export type AttemptKey = string;

/** What keeps an execution paused. */
export type PauseHold = 'person' | 'budget';

/** Times are ISO 8601 in UTC. An event for a finished or unheard-of key changes nothing. */
export type SettleEvent =
  | { type: 'execution_started'; at?: string }
  /** The first event of an execution that begins where another one was. */
  | { type: 'execution_continued'; at: string }
  | { type: 'attempt_started'; key: AttemptKey; at: string; taskId?: string }
  | { type: 'attempt_waiting'; key: AttemptKey; at: string; waiting: boolean; reason?: string }
  | { type: 'attempt_succeeded'; key: AttemptKey; at: string; output?: unknown }
  | { type: 'attempt_failed'; key: AttemptKey; at: string; error: { code: string; message: string }; output?: unknown }
  | { type: 'attempt_cancelled'; key: AttemptKey; at: string; output?: unknown }
  | { type: 'attempt_unknown'; key: AttemptKey; at: string; reason: string }
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
  | { type: 'merge_finished'; key: AttemptKey; at: string; outcome: 'merged' | 'conflict'; detail?: string };
