/** When a budget is used up, and which new limits a person may give it. Pure. */
import type { BudgetLimit, RaisedBudget } from '../contract/budgets.ts';
import type { ProblemItem } from '../contract/errors.ts';
import { durationMs, type Usage } from '../contract/tasks.ts';

/** Without an entry, a thing is not limited. `duration` is ISO 8601. */
export type Limits = RaisedBudget;

export interface Spent {
  usd: number;
  tokens: number;
  /** Only of an execution. */
  durationMs?: number;
}

const EVERY_LIMIT: readonly BudgetLimit[] = ['usd', 'tokens', 'duration'];

export function spentOf(usage: Usage, time?: number): Spent {
  return {
    usd: usage.cost,
    tokens: usage.inputTokens + usage.outputTokens,
    ...(time === undefined ? {} : { durationMs: time }),
  };
}

/** The limits that are used up: the last dollar of a budget is spent, and so is the budget. */
export function reachedLimits(limits: Limits, spent: Spent): BudgetLimit[] {
  return EVERY_LIMIT.filter((name) => {
    const limit = amount(limits, name);
    return limit !== null && used(spent, name) >= limit;
  });
}

/** New limits in place of the old ones; each has to be above what is spent, or the next moment would ask again. */
export function raiseLimits(
  limits: Limits,
  raised: RaisedBudget,
  spent: Spent,
): { outcome: 'raised'; limits: Limits } | { outcome: 'refused'; problems: ProblemItem[] } {
  const next: Limits = { ...limits, ...raised };
  const problems = EVERY_LIMIT.flatMap((name): ProblemItem[] => {
    const limit = amount(next, name);
    if (raised[name] !== undefined && limits[name] === undefined)
      return [refusal(name, `This budget does not limit ${WORDS[name]}.`)];
    if (limit === null || limit > used(spent, name)) return [];
    return [refusal(name, `${amountWords(name, used(spent, name))} are spent; name a limit above that.`)];
  });
  return problems.length > 0 ? { outcome: 'refused', problems } : { outcome: 'raised', limits: next };
}

/** The higher one of each: what was raised for today, and what the budget says by now. */
export function higherLimits(limits: Limits, raised: Limits): Limits {
  const higher = (name: 'usd' | 'tokens') =>
    limits[name] === undefined ? {} : { [name]: Math.max(limits[name], raised[name] ?? 0) };
  return { ...higher('usd'), ...higher('tokens') };
}

/** How long an execution has run: from its start to now or its end, without the time in which it was paused. */
export function runningTime(
  times: { startedAt: string | null; finishedAt: string | null; pausedMs: number; pausedAt: string | null },
  now: string,
): number {
  if (times.startedAt === null) return 0;
  const end = Date.parse(times.pausedAt ?? times.finishedAt ?? now);
  return Math.max(0, end - Date.parse(times.startedAt) - times.pausedMs);
}

/** When the time of an execution is used up; null while it is paused, before it starts, or when its time is not limited. */
export function timeIsUpAt(
  limits: Limits,
  times: { startedAt: string | null; pausedMs: number; pausedAt: string | null },
): string | null {
  const limit = amount(limits, 'duration');
  if (limit === null || times.startedAt === null || times.pausedAt !== null) return null;
  return new Date(Date.parse(times.startedAt) + times.pausedMs + limit).toISOString();
}

/** The day in UTC that a moment belongs to. */
export function dayOf(moment: string): string {
  return moment.slice(0, 10);
}

export function endOfDay(day: string): string {
  return new Date(Date.parse(day) + 86_400_000).toISOString();
}

/** For a title: `2.31 US dollars of 2`. */
export function reachedWords(limits: Limits, spent: Spent, reached: readonly BudgetLimit[]): string {
  return reached
    .map((name) => `${amountWords(name, used(spent, name))} of ${amountWords(name, amount(limits, name) ?? 0)}`)
    .join(', ');
}

const WORDS: Record<BudgetLimit, string> = { usd: 'US dollars', tokens: 'tokens', duration: 'its time' };

function amountWords(name: BudgetLimit, value: number): string {
  if (name === 'usd') return `$${value < 1 ? Number(value.toFixed(4)) : value.toFixed(2)}`;
  if (name === 'tokens') return `${value} tokens`;
  return `${Math.round(value / 1000)} s`;
}

function amount(limits: Limits, name: BudgetLimit): number | null {
  if (name === 'duration') return limits.duration === undefined ? null : durationMs(limits.duration);
  return limits[name] ?? null;
}

function used(spent: Spent, name: BudgetLimit): number {
  return name === 'duration' ? (spent.durationMs ?? 0) : spent[name];
}

function refusal(name: BudgetLimit, message: string): ProblemItem {
  return { path: `/form/${name}`, code: 'BUDGET_TOO_LOW', message, severity: 'error' };
}
