/** How each decision is called on a button, which keys mean yes and no, and how long is left to answer; pure. */
import type { Decision, InboxItem } from '../../../src/contract/inbox.ts';
import type { IconName } from '../ui/icon.tsx';
import { ageWords } from '../ui/time-words.ts';

interface Words {
  label: string;
  done: string;
  icon: IconName;
  weight: 'yes' | 'no' | 'other';
}

export const DECISION: Record<Decision, Words> = {
  allow: { label: 'Allow', done: 'Allowed', icon: 'check', weight: 'yes' },
  deny: { label: 'Deny', done: 'Denied', icon: 'cross', weight: 'no' },
  allow_always: { label: 'Always allow', done: 'Always allowed', icon: 'check', weight: 'other' },
  answer: { label: 'Answer', done: 'Answered', icon: 'send', weight: 'yes' },
  approve: { label: 'Approve', done: 'Approved', icon: 'check', weight: 'yes' },
  reject: { label: 'Reject', done: 'Rejected', icon: 'cross', weight: 'no' },
  retry: { label: 'Retry', done: 'Retried', icon: 'restart', weight: 'yes' },
  fail: { label: 'Let it fail', done: 'Failed', icon: 'cross', weight: 'no' },
  mark_succeeded: { label: 'Mark as succeeded', done: 'Marked as succeeded', icon: 'check', weight: 'other' },
  restart: { label: 'Restart the agent', done: 'Restarted', icon: 'restart', weight: 'yes' },
  dismiss: { label: 'Dismiss', done: 'Dismissed', icon: 'cross', weight: 'no' },
  raise: { label: 'Raise the budget', done: 'Raised', icon: 'check', weight: 'yes' },
  stop: { label: 'Stop', done: 'Stopped', icon: 'stop', weight: 'no' },
};

/** The decision behind the key `a` (yes) or `d` (no); undefined where it is not offered. */
export function decisionFor(item: InboxItem, weight: 'yes' | 'no'): Decision | undefined {
  return item.choices.find((choice) => DECISION[choice].weight === weight);
}

/** Decisions that need more than a click. */
export function formOf(item: InboxItem, decision: Decision): unknown {
  if (decision === 'answer' || decision === 'approve' || decision === 'raise') return item.payload['form'];
  return undefined;
}

/** What one press can say of all of these alike: offered by each, and needing nothing filled in. */
export function decisionsForAll(items: readonly InboxItem[]): Decision[] {
  const [first] = items;
  if (!first) return [];
  return first.choices.filter((choice) =>
    items.every((item) => item.choices.includes(choice) && !needsWords(item, choice)),
  );
}

function needsWords(item: InboxItem, decision: Decision): boolean {
  if (decision === 'answer' || decision === 'mark_succeeded' || decision === 'raise') return true;
  const form = formOf(item, decision);
  return typeof form === 'object' && form !== null;
}

/** Who did what, in one line: `Approved by ada`. */
export function closedWords(item: InboxItem): string {
  if (item.state === 'expired') return 'It expired before it was answered.';
  if (item.state === 'withdrawn') return 'It was withdrawn: nothing waits for this answer any more.';
  if (!item.resolution) return 'It is closed.';
  return `${DECISION[item.resolution.decision].done} by ${item.resolution.by ?? 'nobody (it expired)'}`;
}

const MOMENT_MS = 60_000;

export function agoWords(at: string, now: number): string {
  const ms = now - Date.parse(at);
  return ms < MOMENT_MS ? 'a moment ago' : `${ageWords(ms)} ago`;
}

/** Within the hour, but not while more than half of its time is left. */
const SOON_MS = 60 * 60_000;

export function timeLeft(
  { createdAt, expiresAt }: Pick<InboxItem, 'createdAt' | 'expiresAt'>,
  now: number,
): { words: string; soon: boolean } | null {
  if (expiresAt === undefined) return null;
  const left = Date.parse(expiresAt) - now;
  if (left <= 0) return { words: 'expires now', soon: true };
  const whole = Date.parse(expiresAt) - Date.parse(createdAt);
  return { words: `expires in ${ageWords(left)}`, soon: left < Math.min(SOON_MS, Math.max(whole / 2, 60_000)) };
}
