/** How every status looks and reads: an icon, a word and a tone, never a colour alone. */
import type { AgentStatus } from '../../../src/contract/agents.ts';
import type { ExecutionStatus, StepStatus } from '../../../src/contract/executions.ts';
import type { InboxItemType } from '../../../src/contract/inbox.ts';
import type { IncidentState } from '../../../src/contract/incidents.ts';
import type { TaskStatus } from '../../../src/contract/tasks.ts';
import type { IconName } from './icon.tsx';
import { t } from '../words/words.ts';

export type Tone = 'ok' | 'run' | 'warn' | 'bad' | 'ask' | 'quiet';

export interface Look {
  word: string;
  icon: IconName;
  tone: Tone;
  /** Shown as moving, unless the reader asked for less motion. */
  moving?: boolean;
}

export const AGENT_LOOK: Record<AgentStatus, Look> = {
  blocked: { word: t('Blocked'), icon: 'hand', tone: 'warn' },
  waiting_input: { word: t('Asks you'), icon: 'question', tone: 'ask' },
  crashed: { word: t('Crashed'), icon: 'alert', tone: 'bad' },
  auth_failed: { word: t('Sign-in failed'), icon: 'lock', tone: 'bad' },
  rate_limited: { word: t('Rate limited'), icon: 'hourglass', tone: 'warn' },
  no_signal: { word: t('No signal'), icon: 'signalOff', tone: 'warn' },
  working: { word: t('Working'), icon: 'spinner', tone: 'run', moving: true },
  starting: { word: t('Starting'), icon: 'spinner', tone: 'run', moving: true },
  idle: { word: t('Idle'), icon: 'ring', tone: 'ok' },
  stopped: { word: t('Stopped'), icon: 'stop', tone: 'quiet' },
};

export const EXECUTION_LOOK: Record<ExecutionStatus, Look> = {
  queued: { word: t('Queued'), icon: 'clock', tone: 'quiet' },
  running: { word: t('Running'), icon: 'spinner', tone: 'run', moving: true },
  waiting: { word: t('Waiting'), icon: 'hand', tone: 'warn' },
  paused: { word: t('Paused'), icon: 'pause', tone: 'ask' },
  succeeded: { word: t('Succeeded'), icon: 'check', tone: 'ok' },
  failed: { word: t('Failed'), icon: 'cross', tone: 'bad' },
  cancelled: { word: t('Cancelled'), icon: 'dash', tone: 'quiet' },
};

export const STEP_LOOK: Record<StepStatus, Look> = {
  pending: { word: t('Pending'), icon: 'clock', tone: 'quiet' },
  running: { word: t('Running'), icon: 'spinner', tone: 'run', moving: true },
  waiting: { word: t('Waiting'), icon: 'hand', tone: 'warn' },
  succeeded: { word: t('Succeeded'), icon: 'check', tone: 'ok' },
  failed: { word: t('Failed'), icon: 'cross', tone: 'bad' },
  skipped: { word: t('Skipped'), icon: 'arrowRight', tone: 'quiet' },
  cancelled: { word: t('Cancelled'), icon: 'dash', tone: 'quiet' },
  unknown: { word: t('Unknown'), icon: 'question', tone: 'bad' },
};

export const TASK_LOOK: Record<TaskStatus, Look> = {
  queued: { word: t('Queued'), icon: 'clock', tone: 'quiet' },
  delivering: { word: t('Delivering'), icon: 'send', tone: 'run' },
  running: { word: t('Running'), icon: 'spinner', tone: 'run', moving: true },
  blocked: { word: t('Blocked'), icon: 'hand', tone: 'warn' },
  succeeded: { word: t('Succeeded'), icon: 'check', tone: 'ok' },
  failed: { word: t('Failed'), icon: 'cross', tone: 'bad' },
  cancelled: { word: t('Cancelled'), icon: 'dash', tone: 'quiet' },
  timed_out: { word: t('Timed out'), icon: 'hourglass', tone: 'bad' },
  delivery_unknown: { word: t('Delivery unknown'), icon: 'question', tone: 'bad' },
};

/** In the order in which people read them. */
export const INBOX_KINDS: readonly InboxItemType[] = ['permission', 'question', 'approval', 'failure', 'budget'];

export const INBOX_LOOK: Record<InboxItemType, Look> = {
  permission: { word: t('Permission'), icon: 'lock', tone: 'warn' },
  question: { word: t('Question'), icon: 'question', tone: 'ask' },
  approval: { word: t('Approval'), icon: 'hand', tone: 'warn' },
  failure: { word: t('Failure'), icon: 'alert', tone: 'bad' },
  budget: { word: t('Budget'), icon: 'hourglass', tone: 'ask' },
};

export const INCIDENT_LOOK: Record<IncidentState, Look> = {
  error: { word: t('Error'), icon: 'alert', tone: 'bad' },
  logging: { word: t('Noted'), icon: 'alert', tone: 'bad' },
  analysis: { word: t('Analysis'), icon: 'search', tone: 'bad' },
  alert: { word: t('Alert'), icon: 'alert', tone: 'bad' },
  investigation: { word: t('Investigated'), icon: 'eye', tone: 'ask' },
  fix: { word: t('Being fixed'), icon: 'edit', tone: 'ask' },
  recovery: { word: t('Recovering'), icon: 'restart', tone: 'run' },
  fallback: { word: t('Fallback'), icon: 'undo', tone: 'warn' },
  degraded: { word: t('Degraded'), icon: 'signalOff', tone: 'warn' },
  normal: { word: t('Over'), icon: 'check', tone: 'ok' },
};
