/** How every status looks and reads: an icon, a word and a tone, never a colour alone. */
import type { AgentStatus } from '../../../src/contract/agents.ts';
import type { ExecutionStatus, StepStatus } from '../../../src/contract/executions.ts';
import type { InboxItemType } from '../../../src/contract/inbox.ts';
import type { IncidentState } from '../../../src/contract/incidents.ts';
import type { TaskStatus } from '../../../src/contract/tasks.ts';
import type { IconName } from './icon.tsx';

export type Tone = 'ok' | 'run' | 'warn' | 'bad' | 'ask' | 'quiet';

export interface Look {
  word: string;
  icon: IconName;
  tone: Tone;
  /** Shown as moving, unless the reader asked for less motion. */
  moving?: boolean;
}

export const AGENT_LOOK: Record<AgentStatus, Look> = {
  blocked: { word: 'Blocked', icon: 'hand', tone: 'warn' },
  waiting_input: { word: 'Asks you', icon: 'question', tone: 'ask' },
  crashed: { word: 'Crashed', icon: 'alert', tone: 'bad' },
  auth_failed: { word: 'Sign-in failed', icon: 'lock', tone: 'bad' },
  rate_limited: { word: 'Rate limited', icon: 'hourglass', tone: 'warn' },
  no_signal: { word: 'No signal', icon: 'signalOff', tone: 'warn' },
  working: { word: 'Working', icon: 'spinner', tone: 'run', moving: true },
  starting: { word: 'Starting', icon: 'spinner', tone: 'run', moving: true },
  idle: { word: 'Idle', icon: 'ring', tone: 'ok' },
  stopped: { word: 'Stopped', icon: 'stop', tone: 'quiet' },
};

export const EXECUTION_LOOK: Record<ExecutionStatus, Look> = {
  queued: { word: 'Queued', icon: 'clock', tone: 'quiet' },
  running: { word: 'Running', icon: 'spinner', tone: 'run', moving: true },
  waiting: { word: 'Waiting', icon: 'hand', tone: 'warn' },
  paused: { word: 'Paused', icon: 'pause', tone: 'ask' },
  succeeded: { word: 'Succeeded', icon: 'check', tone: 'ok' },
  failed: { word: 'Failed', icon: 'cross', tone: 'bad' },
  cancelled: { word: 'Cancelled', icon: 'dash', tone: 'quiet' },
};

export const STEP_LOOK: Record<StepStatus, Look> = {
  pending: { word: 'Pending', icon: 'clock', tone: 'quiet' },
  running: { word: 'Running', icon: 'spinner', tone: 'run', moving: true },
  waiting: { word: 'Waiting', icon: 'hand', tone: 'warn' },
  succeeded: { word: 'Succeeded', icon: 'check', tone: 'ok' },
  failed: { word: 'Failed', icon: 'cross', tone: 'bad' },
  skipped: { word: 'Skipped', icon: 'arrowRight', tone: 'quiet' },
  cancelled: { word: 'Cancelled', icon: 'dash', tone: 'quiet' },
  unknown: { word: 'Unknown', icon: 'question', tone: 'bad' },
};

export const TASK_LOOK: Record<TaskStatus, Look> = {
  queued: { word: 'Queued', icon: 'clock', tone: 'quiet' },
  delivering: { word: 'Delivering', icon: 'send', tone: 'run' },
  running: { word: 'Running', icon: 'spinner', tone: 'run', moving: true },
  blocked: { word: 'Blocked', icon: 'hand', tone: 'warn' },
  succeeded: { word: 'Succeeded', icon: 'check', tone: 'ok' },
  failed: { word: 'Failed', icon: 'cross', tone: 'bad' },
  cancelled: { word: 'Cancelled', icon: 'dash', tone: 'quiet' },
  timed_out: { word: 'Timed out', icon: 'hourglass', tone: 'bad' },
  delivery_unknown: { word: 'Delivery unknown', icon: 'question', tone: 'bad' },
};

/** In the order in which people read them. */
export const INBOX_KINDS: readonly InboxItemType[] = ['permission', 'question', 'approval', 'failure', 'budget'];

export const INBOX_LOOK: Record<InboxItemType, Look> = {
  permission: { word: 'Permission', icon: 'lock', tone: 'warn' },
  question: { word: 'Question', icon: 'question', tone: 'ask' },
  approval: { word: 'Approval', icon: 'hand', tone: 'warn' },
  failure: { word: 'Failure', icon: 'alert', tone: 'bad' },
  budget: { word: 'Budget', icon: 'hourglass', tone: 'ask' },
};

export const INCIDENT_LOOK: Record<IncidentState, Look> = {
  error: { word: 'Error', icon: 'alert', tone: 'bad' },
  logging: { word: 'Noted', icon: 'alert', tone: 'bad' },
  analysis: { word: 'Analysis', icon: 'search', tone: 'bad' },
  alert: { word: 'Alert', icon: 'alert', tone: 'bad' },
  investigation: { word: 'Investigated', icon: 'eye', tone: 'ask' },
  fix: { word: 'Being fixed', icon: 'edit', tone: 'ask' },
  recovery: { word: 'Recovering', icon: 'restart', tone: 'run' },
  fallback: { word: 'Fallback', icon: 'undo', tone: 'warn' },
  degraded: { word: 'Degraded', icon: 'signalOff', tone: 'warn' },
  normal: { word: 'Over', icon: 'check', tone: 'ok' },
};
