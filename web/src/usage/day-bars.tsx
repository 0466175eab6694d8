import { useState } from 'react';
import type { UsageReport } from '../../../src/contract/usage.ts';
import { countWords, moneyWords } from '../ui/time-words.ts';
import { dayWords } from './usage-range.ts';
import { t } from '../words/words.ts';
import styles from './day-bars.module.css';

type Measure = 'cost' | 'tokens';

/** A bar for each day. The numbers themselves are in the table below, so this is one picture to a screen reader. */
export function DayBars({ report, today }: { report: UsageReport; today: string }) {
  const [chosen, setChosen] = useState<Measure | null>(null);
  // Command lines that name no price cost nothing: then the tokens tell more.
  const measure = chosen ?? (report.total.cost > 0 ? 'cost' : 'tokens');
  const words = measure === 'cost' ? moneyWords : countWords;
  const bars = report.entries.map((entry) => ({
    day: entry.name,
    value: measure === 'cost' ? entry.cost : entry.inputTokens + entry.outputTokens,
  }));
  const highest = Math.max(...bars.map(({ value }) => value));
  const peak = bars.find(({ value }) => value === highest);
  const middle = bars[Math.floor((bars.length - 1) / 2)];
  return (
    <figure className={styles['figure']}>
      <figcaption className={styles['head']}>
        <span>
          {peak && highest > 0
            ? t('Most on {day}: {words}{value}', {
                day: dayWords(peak.day, today),
                words: words(highest),
                value: measure === 'tokens' ? ' tokens' : '',
              })
            : t('None')}
        </span>
        <span role="group" aria-label={t('What the bars show')} className={styles['measure']}>
          {(['cost', 'tokens'] as const).map((each) => (
            <button key={each} type="button" aria-pressed={measure === each} onClick={() => setChosen(each)}>
              {each === 'cost' ? t('Cost') : t('Tokens')}
            </button>
          ))}
        </span>
      </figcaption>
      <div
        className={styles['bars']}
        data-many={bars.length > 120}
        role="img"
        aria-label={t('{value} of {count} days', {
          value: measure === 'cost' ? t('Cost') : t('Tokens'),
          count: bars.length,
        })}
      >
        {bars.map(({ day, value }) => (
          <span key={day} title={`${dayWords(day, today)}: ${words(value)}`} data-today={day === today}>
            <span style={{ height: `${highest > 0 ? Math.max((value / highest) * 100, value > 0 ? 2 : 0) : 0}%` }} />
          </span>
        ))}
      </div>
      <div className={styles['days']} aria-hidden="true">
        <span>{bars[0] && dayWords(bars[0].day, today)}</span>
        {bars.length > 4 && <span>{middle && dayWords(middle.day, today)}</span>}
        {bars.length > 1 && <span>{dayWords(bars.at(-1)?.day ?? today, today)}</span>}
      </div>
    </figure>
  );
}
