/** `pointsman usage`: tokens and cost of days, by day, agent or workflow. */
import type { UsageBy, UsageReport } from '../../contract/usage.ts';
import type { CommandIo } from '../command-io.ts';
import { dollars } from '../output/quantities.ts';
import { type CommonOptions, openSession } from '../session.ts';

export interface UsageOptions extends CommonOptions {
  by: UsageBy;
  from?: string;
  to?: string;
}

export async function showUsage(io: CommandIo, options: UsageOptions): Promise<void> {
  const { api, print } = openSession(io, options);
  const report = await api.call('getUsage', {
    query: {
      by: options.by,
      ...(options.from === undefined ? {} : { from: options.from }),
      ...(options.to === undefined ? {} : { to: options.to }),
    },
  });
  if (options.json) return print.json(report);
  print.table<Pick<UsageReport['entries'][number], 'name' | 'inputTokens' | 'outputTokens' | 'cost'>>(
    [
      { title: options.by.toUpperCase(), value: ({ name }) => name, shrinks: true },
      { title: 'READ', value: ({ inputTokens }) => String(inputTokens), align: 'right' },
      { title: 'WRITTEN', value: ({ outputTokens }) => String(outputTokens), align: 'right' },
      { title: 'COST', value: ({ cost }) => dollars(cost), align: 'right' },
    ],
    report.entries.length === 0 ? [] : [...report.entries, { name: 'together', ...report.total }],
    `Nothing was used from ${report.from} to ${report.to}.`,
  );
  print.note(`From ${report.from} to ${report.to}, days in UTC; tokens read and written.`);
}
