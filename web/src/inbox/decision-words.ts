/** How each decision is called on a button, which keys mean yes and no, and how long is left to answer; pure. */
import type { Decision, InboxItem } from '../../../src/contract/inbox.ts';
import type { IconName } from '../ui/icon.tsx';
import { ageWords } from '../ui/time-words.ts';
import { t } from '../words/words.ts';

interface Words {
  label: string;
  done: string;
  icon: IconName;
  weight: 'yes' | 'no' | 'other';
}

export const DECISION: Record<Decision, Words> = {
  allow: { label: t('Allow'), done: t('Allowed'), icon: 'check', weight: 'yes' },
  deny: { label: t('Deny'), done: t('Denied'), icon: 'cross', weight: 'no' },
  allow_always: { label: t('Always allow'), done: t('Always allowed'), icon: 'check', weight: 'other' },
  answer: { label: t('Answer'), done: t('Answered'), icon: 'send', weight: 'yes' },
  approve: { label: t('Approve'), done: t('Approved'), icon: 'check', weight: 'yes' },
  reject: { label: t('Reject'), done: t('Rejected'), icon: 'cross', weight: 'no' },
  retry: { label: t('Retry'), done: t('Retried'), icon: 'restart', weight: 'yes' },
  fail: { label: t('Let it fail'), done: t('Failed'), icon: 'cross', weight: 'no' },
  mark_succeeded: { label: t('Mark as succeeded'), done: t('Marked as succeeded'), icon: 'check', weight: 'other' },
  restart: { label: t('Restart the agent'), done: t('Restarted'), icon: 'restart', weight: 'yes' },
  dismiss: { label: t('Dismiss'), done: t('Dismissed'), icon: 'cross', weight: 'no' },
  raise: { label: t('Raise the budget'), done: t('Raised'), icon: 'check', weight: 'yes' },
  stop: { label: t('Stop'), done: t('Stopped'), icon: 'stop', weight: 'no' },
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
  if (item.state === 'expired') return t('It expired before it was answered.');
  if (item.state === 'withdrawn') return t('It was withdrawn: nothing waits for this answer any more.');
  if (!item.resolution) return t('It is closed.');
  return t('{done} by {by}', {
    done: DECISION[item.resolution.decision].done,
    by: item.resolution.by ?? t('nobody (it expired)'),
  });
}

const MOMENT_MS = 60_000;

export function agoWords(at: string, now: number): string {
  const ms = now - Date.parse(at);
  return ms < MOMENT_MS ? t('a moment ago') : t('{ms} ago', { ms: ageWords(ms) });
}

/** Within the hour, but not while more than half of its time is left. */
const SOON_MS = 60 * 60_000;

export function timeLeft(
  { createdAt, expiresAt }: Pick<InboxItem, 'createdAt' | 'expiresAt'>,
  now: number,
): { words: string; soon: boolean } | null {
  if (expiresAt === undefined) return null;
  const left = Date.parse(expiresAt) - now;
  if (left <= 0) return { words: t('expires now'), soon: true };
  const whole = Date.parse(expiresAt) - Date.parse(createdAt);
  return {
    words: t('expires in {left}', { left: ageWords(left) }),
    soon: left < Math.min(SOON_MS, Math.max(whole / 2, 60_000)),
  };
}

/** What an approval becomes when its time is over; null for what only closes. */
export function expiryWords({ expiresAt, payload }: Pick<InboxItem, 'expiresAt' | 'payload'>): string | null {
  if (expiresAt === undefined) return null;
  switch (payload['onExpire']) {
    case 'reject':
      return t('If nobody answers, it is rejected.');
    case 'approve':
      return t('If nobody answers, it is approved.');
    case 'fail':
      return t('If nobody answers, the step fails.');
    default:
      return null;
  }
}

/** Where it comes from, as a link says it. */
export function placeWords({ nodeId, workflow }: Readonly<Record<string, unknown>>): string {
  return typeof nodeId === 'string' && typeof workflow === 'string'
    ? t('Step {nodeId} of {workflow}', { nodeId, workflow })
    : t('Open the execution');
}
