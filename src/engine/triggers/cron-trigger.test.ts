import { expect, test } from 'vitest';
import type { TriggerRecord } from '../../ports/store/triggers.ts';
import { cronTrigger } from './cron-trigger.ts';

test('a clock that is set ahead and back again makes no moment come twice', async () => {
  let now = '2026-01-01T00:30:00.000Z';
  const look = cronTrigger({ clock: { now: () => new Date(now), sleep: async () => 'elapsed' } });
  let nextAt: string | null = '2026-01-01T01:00:00.000Z';
  const fired: unknown[] = [];
  for (const moment of ['00:59', '01:00', '06:10', '06:11', '02:00', '06:59', '07:00']) {
    now = `2026-01-01T${moment}:00.000Z`;
    const found = await look({ config: { kind: 'cron', cron: '0 * * * *' }, nextAt } as unknown as TriggerRecord);
    nextAt = found.nextAt;
    if (found.event) fired.push((found.event.data as { moment: string }).moment.slice(11, 16));
  }
  expect(fired).toEqual(['01:00', '06:00', '07:00']);
});
