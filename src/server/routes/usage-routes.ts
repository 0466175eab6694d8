/** REST of what was used. */
import type { FastifyInstance } from 'fastify';
import { PointsmanError } from '../../contract/errors.ts';
import { NO_USAGE, type Usage } from '../../contract/tasks.ts';
import type { UsageReport } from '../../contract/usage.ts';
import { dayOf } from '../../domain/budget.ts';
import { registerRoute } from '../http/register-route.ts';
import type { Services } from '../services.ts';

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 7;
const MAX_DAYS = 400;

export function usageRoutes(app: FastifyInstance, { store, engine }: Services): void {
  registerRoute(app, store, 'getUsage', async ({ query }): Promise<UsageReport> => {
    const to = query.to ?? dayOf(engine.clock.now().toISOString());
    const from = query.from ?? dayOf(new Date(Date.parse(to) - (DEFAULT_DAYS - 1) * DAY_MS).toISOString());
    const by = query.by ?? 'day';
    const days = (Date.parse(to) - Date.parse(from)) / DAY_MS + 1;
    if (days < 1) throw unfit('is after `to`');
    if (days > MAX_DAYS) throw unfit(`is more than ${MAX_DAYS} days before \`to\``);
    const rows = await store.usage.report({ from, to, by });
    const entries = rows.map(({ key, name, usage }) => ({ key, name: name ?? NAMELESS[by], ...usage }));
    return {
      from,
      to,
      by,
      total: sum(rows.map(({ usage }) => usage)),
      entries: by === 'day' ? everyDay(from, days, entries) : entries,
      ...(engine.budgetPerDay?.usd === undefined ? {} : { usdPerDay: engine.budgetPerDay.usd }),
    };
  });
}

const NAMELESS = { day: '', agent: 'a removed agent', workflow: 'no saved workflow' };

function everyDay(from: string, days: number, entries: UsageReport['entries']): UsageReport['entries'] {
  const known = new Map(entries.map((entry) => [entry.key, entry]));
  return Array.from({ length: days }, (_, index) => {
    const day = dayOf(new Date(Date.parse(from) + index * DAY_MS).toISOString());
    return known.get(day) ?? { key: day, name: day, ...NO_USAGE };
  });
}

function sum(all: readonly Usage[]): Usage {
  return all.reduce(
    (total, one) => ({
      inputTokens: total.inputTokens + one.inputTokens,
      outputTokens: total.outputTokens + one.outputTokens,
      cost: total.cost + one.cost,
    }),
    NO_USAGE,
  );
}

function unfit(message: string): PointsmanError {
  return new PointsmanError('INVALID_REQUEST', {
    detail: `\`from\` ${message}.`,
    problems: [{ path: '/from', code: 'INVALID_REQUEST', message, severity: 'error' }],
  });
}
