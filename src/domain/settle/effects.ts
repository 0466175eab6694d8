// What settle asks the world to do. Effects are intents: the host commits them before it acts on them.
import type { StepError } from '../../contract/executions.ts';
import type { AttemptKey } from './settle-events.ts';

export type EffectKind = 'agent' | 'shell' | 'http' | 'notify' | 'workflow' | 'langgraph';

/** Which step an attempt belongs to, in the words of the contract's Step. */
export interface StepReference {
  id: string;
  nodeId: string;
  iteration: number;
  item?: { index: number; key?: string };
  attempt: number;
}

export type Effect =
  /** `config` is the node's configuration with every template expanded; the runner enforces `timeoutMs`. */
  | {
      type: 'start_attempt';
      key: AttemptKey;
      step: StepReference;
      kind: EffectKind;
      config: Record<string, unknown>;
      timeoutMs?: number;
    }
  | {
      type: 'open_approval';
      key: AttemptKey;
      stepId: string;
      title: string;
      body?: string;
      form?: unknown;
      roles?: string[];
      expiresAt?: string;
      onExpire: 'reject' | 'approve' | 'fail';
    }
  /** An attempt ended without a trace of its outcome: a person decides. */
  | { type: 'open_failure'; key: AttemptKey; stepId: string; error: StepError }
  | { type: 'withdraw_item'; key: AttemptKey; reason: 'cancelled' | 'lost_quorum' | 'expired' | 'settled' }
  | { type: 'set_timer'; timerId: string; at: string }
  | { type: 'clear_timer'; timerId: string }
  | { type: 'cancel_attempt'; key: AttemptKey; reason: 'cancelled' | 'lost_quorum' }
  | { type: 'merge_item'; key: AttemptKey }
  | {
      type: 'finish';
      status: 'succeeded' | 'failed' | 'cancelled';
      outputs?: Record<string, unknown>;
      error?: StepError;
    };
