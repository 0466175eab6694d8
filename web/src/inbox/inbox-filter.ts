/** What of the inbox is looked at, as it stands in the address; pure. */
import type { InboxItem, InboxItemType } from '../../../src/contract/inbox.ts';
import { INBOX_KINDS } from '../ui/tone.ts';

export interface InboxSearch {
  item?: string;
  /** `answered`: the history. */
  show?: string;
  type?: string;
  agent?: string;
  /** Of the history: who answered, and how it ended. */
  by?: string;
  end?: string;
}

export const ENDS = ['resolved', 'expired', 'withdrawn'] as const;
export type End = (typeof ENDS)[number];

export function typeIn({ type }: InboxSearch): InboxItemType | undefined {
  return INBOX_KINDS.find((kind) => kind === type);
}

export function endIn({ end }: InboxSearch): End {
  return ENDS.find((each) => each === end) ?? 'resolved';
}

export function filtered(items: readonly InboxItem[], search: InboxSearch): readonly InboxItem[] {
  const type = typeIn(search);
  return items.filter(
    (item) =>
      (type === undefined || item.type === type) && (search.agent === undefined || item.agentId === search.agent),
  );
}

/** How many open items there are of each kind, without those that there are none of. */
export function kindCounts(items: readonly InboxItem[]): { kind: InboxItemType; count: number }[] {
  return INBOX_KINDS.map((kind) => ({ kind, count: items.filter(({ type }) => type === kind).length })).filter(
    ({ count }) => count > 0,
  );
}

/** Where `by` steps lead from an item; from one that is gone, to what took its place. */
export function stepFrom(
  items: readonly InboxItem[],
  { id, lastPlace, by }: { id: string | undefined; lastPlace: number; by: number },
): InboxItem | undefined {
  const at = items.findIndex((item) => item.id === id);
  const to = at === -1 ? lastPlace + (by > 0 ? by - 1 : by) : at + by;
  return items[Math.max(0, Math.min(items.length - 1, to))];
}
