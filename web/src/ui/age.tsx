import { useNow } from './now.ts';
import { ageWords, dateWords } from './time-words.ts';
import { t } from '../words/words.ts';

/** How long ago, kept current; the exact time is its title. */
export function Age({ since, ago = false }: { since: string; ago?: boolean }) {
  const now = useNow();
  const words = ageWords(now - Date.parse(since));
  return (
    <time
      dateTime={since}
      title={dateWords(since)}
      style={{ fontVariantNumeric: 'tabular-nums', whiteSpace: 'nowrap' }}
    >
      {ago ? t('{words} ago', { words }) : words}
    </time>
  );
}
