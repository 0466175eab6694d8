// The moments of a cron expression in a time zone, and which of those that have come are still acted on. Pure: the time
// is handed in.
import { Cron } from 'croner';
import type { CatchUp } from '../../contract/workflow-document.ts';

export interface CronSchedule {
  cron: string;
  timezone?: string | undefined;
  catchUp?: CatchUp | undefined;
}

/** A moment that is noticed later than this was missed: a restart is quicker. */
const ON_TIME_MS = 60_000;
/** Of what was missed the newest so many are caught up by `all`; who was away for a year does not want each minute. */
export const MOST_CAUGHT_UP = 100;

const PLAIN_FORM = /^(@\w+|\S+(\s+\S+){4,5})$/;

export interface CronProblem {
  field: 'cron' | 'timezone';
  message: string;
}

/** Null when it is one that comes some day. */
export function cronProblem({ cron, timezone }: CronSchedule): CronProblem | null {
  if (timezone !== undefined && !isTimeZone(timezone))
    return {
      field: 'timezone',
      message: `There is no time zone ${JSON.stringify(timezone)}. Write one such as Europe/Berlin or UTC.`,
    };
  if (!PLAIN_FORM.test(cron.trim()))
    return {
      field: 'cron',
      message: 'A cron expression has five fields: minute, hour, day, month, weekday; or six, with seconds first.',
    };
  try {
    if (nextMoment({ cron, timezone }, '1970-01-01T00:00:00.000Z') !== null) return null;
    return { field: 'cron', message: 'No moment ever fits this cron expression.' };
  } catch (error) {
    const said = error instanceof Error ? error.message.replace(/^Cron\w+: /, '') : String(error);
    return { field: 'cron', message: `The cron expression cannot be read: ${said}` };
  }
}

/** The first moment after a time; null when none comes any more. */
export function nextMoment(schedule: CronSchedule, after: string): string | null {
  return read(schedule).nextRun(new Date(after))?.toISOString() ?? null;
}

export interface DecidedMoment {
  /** The moment to start an execution for; null when all that came are let go. */
  fire: string | null;
  /** The moment to wait for then; it may have come already. */
  nextAt: string | null;
}

/** What to do about the moments from `nextAt` to now, by the catch-up policy. */
export function decideMoment(schedule: CronSchedule, { nextAt, now }: { nextAt: string; now: string }): DecidedMoment {
  const cron = read(schedule);
  const following = (moment: string) => cron.nextRun(new Date(moment))?.toISOString() ?? null;
  // Runs before a time are listed without that time itself.
  const came = cron
    .previousRuns(schedule.catchUp === 'all' ? MOST_CAUGHT_UP : 1, new Date(Date.parse(now) + 1))
    .map((moment) => moment.toISOString())
    .filter((moment) => moment >= nextAt);
  // The clock may have been set back, or the rules of the time zone changed: the moment waited for counts.
  const newest = came[0] ?? nextAt;
  switch (schedule.catchUp ?? 'once') {
    case 'all': {
      const oldest = came.at(-1) ?? nextAt;
      return { fire: oldest, nextAt: following(oldest) };
    }
    case 'once':
      return { fire: newest, nextAt: following(now) };
    case 'skip': {
      const onTime = Date.parse(now) - Date.parse(newest) <= ON_TIME_MS;
      return { fire: onTime ? newest : null, nextAt: following(now) };
    }
  }
}

function read({ cron, timezone = 'UTC' }: CronSchedule): Cron {
  return new Cron(cron.trim(), { timezone, mode: '5-or-6-parts', paused: true });
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
