import { Link } from '@tanstack/react-router';
import type { UsageReport } from '../../../src/contract/usage.ts';
import { useAgents, useWorkflows } from '../live/use-topic.ts';
import { Meter } from '../ui/meter.tsx';
import { countWords, moneyWords } from '../ui/time-words.ts';
import { dayWords } from './usage-range.ts';
import { rich } from '../words/rich.ts';
import { plural, t } from '../words/words.ts';
import styles from './usage-table.module.css';

type Entry = UsageReport['entries'][number];

const WHAT = { day: t('Day'), agent: t('Agent'), workflow: t('Workflow') } as const;

/** One row for each day with use, agent or workflow, and what share of the whole it is. */
export function UsageTable({ report, today }: { report: UsageReport; today: string }) {
  const { by, total } = report;
  const entries = by === 'day' ? report.entries.filter(worked).toReversed() : report.entries;
  const idle = report.entries.length - entries.length;
  const tokens = total.inputTokens + total.outputTokens;
  // Where nothing has a price, tokens are the measure.
  const share = (entry: Entry): number =>
    total.cost > 0 ? entry.cost / total.cost : tokens > 0 ? (entry.inputTokens + entry.outputTokens) / tokens : 0;
  return (
    <>
      <table className={styles['table']}>
        <caption className="sr-only">{rich('Usage by {by}', { by })}</caption>
        <thead>
          <tr>
            <th scope="col">{WHAT[by]}</th>
            <th scope="col">{t('Read')}</th>
            <th scope="col">{t('Written')}</th>
            <th scope="col">{t('Cost')}</th>
            <th scope="col" className={styles['share']}>
              {t('Share')}
            </th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <tr key={entry.key ?? 'none'}>
              <th scope="row">
                <Name entry={entry} by={by} today={today} />
              </th>
              <td title={t('{inputTokens} tokens', { inputTokens: entry.inputTokens })}>
                {countWords(entry.inputTokens)}
              </td>
              <td title={t('{outputTokens} tokens', { outputTokens: entry.outputTokens })}>
                {countWords(entry.outputTokens)}
              </td>
              <td title={`$${entry.cost}`}>{moneyWords(entry.cost)}</td>
              <td className={styles['share']}>
                <Meter share={share(entry)} text={`${Math.round(share(entry) * 100)} %`} even />
              </td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">{t('Together')}</th>
            <td>{countWords(total.inputTokens)}</td>
            <td>{countWords(total.outputTokens)}</td>
            <td>{moneyWords(total.cost)}</td>
            <td className={styles['share']} />
          </tr>
        </tfoot>
      </table>
      {by === 'day' && idle > 0 && (
        <p className={styles['note']}>{rich('{idle} without use left out.', { idle: plural(idle, 'day') })}</p>
      )}
      {by === 'workflow' && (
        <p className={styles['note']}>
          {t(
            'Tasks that people hand over, and executions of inline documents, belong to no saved workflow. What one execution used is on its own page.',
          )}
        </p>
      )}
    </>
  );
}

function Name({ entry, by, today }: { entry: Entry; by: UsageReport['by']; today: string }) {
  const agents = useAgents().data;
  const workflows = useWorkflows().data;
  if (by === 'day') return entry.name === today ? t('Today') : dayWords(entry.name, today);
  if (by === 'agent' && agents?.some(({ id }) => id === entry.key))
    return (
      <Link to="/agents/$id" params={{ id: entry.key ?? '' }}>
        {entry.name}
      </Link>
    );
  if (by === 'workflow' && workflows?.some(({ id }) => id === entry.key))
    return (
      <Link to="/workflows/$id" params={{ id: entry.key ?? '' }}>
        {entry.name}
      </Link>
    );
  return <span className={styles['gone']}>{entry.name}</span>;
}

function worked({ inputTokens, outputTokens, cost }: Entry): boolean {
  return inputTokens + outputTokens > 0 || cost > 0;
}
