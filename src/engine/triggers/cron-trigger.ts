/** Starts executions at the moments of a cron expression. */
import { type CronSchedule, decideMoment } from '../../domain/triggers/cron-moments.ts';
import type { EngineContext } from '../engine-context.ts';
import type { LookTrigger } from './trigger-kinds.ts';

export function cronTrigger({ clock }: Pick<EngineContext, 'clock'>): LookTrigger {
  return async ({ config, nextAt }) => {
    const at = clock.now().toISOString();
    if (nextAt === null || nextAt > at) return { nextAt, cursor: null };
    // Of its kind, so it has a schedule.
    const decided = decideMoment(config as CronSchedule, { nextAt, now: at });
    const place = { nextAt: decided.nextAt, cursor: null };
    if (decided.fire === null) return place;
    return { ...place, event: { data: { kind: 'cron', at, moment: decided.fire }, chain: 0 } };
  };
}
