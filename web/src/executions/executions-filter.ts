/** Which executions are listed: as the address says it, as the API takes it, and of those that come live; pure. */
import type { Execution, ExecutionStatus } from '../../../src/contract/executions.ts';
import { namesId } from '../../../src/contract/written-ids.ts';
import type { ExecutionsSearch } from '../shell/router.tsx';
import { t } from '../words/words.ts';

export const SINCE = [
  { value: '1h', words: t('Last hour'), ms: 3_600_000 },
  { value: '24h', words: t('Last 24 hours'), ms: 86_400_000 },
  { value: '7d', words: t('Last 7 days'), ms: 7 * 86_400_000 },
  { value: '30d', words: t('Last 30 days'), ms: 30 * 86_400_000 },
] as const;

export interface ExecutionsFilter {
  statuses: readonly ExecutionStatus[];
  workflow: string | undefined;
  search: string | undefined;
  since: (typeof SINCE)[number] | undefined;
}

/** What the address says that is none of ours is left out. */
export function readFilter(
  { status, workflow, search, since }: ExecutionsSearch,
  known: readonly ExecutionStatus[],
): ExecutionsFilter {
  const named = status?.split(',') ?? [];
  return {
    statuses: known.filter((one) => named.includes(one)),
    workflow,
    search: search?.trim() || undefined,
    since: SINCE.find(({ value }) => value === since),
  };
}

export function apiQuery({ statuses, workflow, search, since }: ExecutionsFilter, now: number) {
  return {
    status: statuses.length > 0 ? statuses.join(',') : undefined,
    workflow,
    search,
    startedAfter: since ? new Date(now - since.ms).toISOString() : undefined,
  };
}

/** Pages as they were read, with what is newer from the live topic. Of what is older than the last page nothing is added. */
export function mergeLive(
  read: readonly Execution[],
  live: readonly Execution[],
  filter: ExecutionsFilter,
  { now, more }: { now: number; more: boolean },
): Execution[] {
  const byId = new Map(read.map((execution) => [execution.id, execution]));
  const oldest = more ? (read.at(-1)?.createdAt ?? '') : '';
  for (const execution of live) {
    if (!fits(execution, filter, now)) byId.delete(execution.id);
    else if (byId.has(execution.id) || execution.createdAt >= oldest) byId.set(execution.id, execution);
  }
  return [...byId.values()].toSorted((a, b) => b.createdAt.localeCompare(a.createdAt) || b.id.localeCompare(a.id));
}

function fits(execution: Execution, { statuses, workflow, search, since }: ExecutionsFilter, now: number): boolean {
  const text = search?.toLowerCase();
  return (
    (statuses.length === 0 || statuses.includes(execution.status)) &&
    (workflow === undefined || execution.workflowId === workflow) &&
    (text === undefined || execution.name.toLowerCase().includes(text) || namesId(text, execution.id)) &&
    (since === undefined || (execution.startedAt !== null && Date.parse(execution.startedAt) > now - since.ms))
  );
}
