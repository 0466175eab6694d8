/** What is told once must not be lost because the database was away at that moment: it waits, and is written then. */
import { isPointsmanError } from '../contract/errors.ts';
import type { EngineContext } from './engine-context.ts';

/** Soon enough for whoever looks at it, and no burden on a server that is starting. */
const AGAIN_MS = 500;

/** The database takes nothing now, and will again. */
export function isDatabaseAway(error: unknown): boolean {
  return isPointsmanError(error, 'DATABASE_UNAVAILABLE') || isPointsmanError(error, 'DATABASE_FULL');
}

/**
 * Works again as long as the database is away. The work must bear to be done twice: its commit may have happened although
 * nobody heard of it.
 */
export async function untilStored<T>(
  { clock, log }: Pick<EngineContext, 'clock' | 'log'>,
  work: () => Promise<T>,
  { givenUp = () => false }: { givenUp?: () => boolean } = {},
): Promise<T> {
  for (let waited = false; ; waited = true) {
    try {
      return await work();
    } catch (error) {
      if (!isDatabaseAway(error) || givenUp()) throw error;
      if (!waited) log.warn({ error }, 'the database is away; what was told waits for it');
      await clock.sleep(AGAIN_MS);
    }
  }
}
