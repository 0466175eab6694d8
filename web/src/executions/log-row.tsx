import { memo, type MouseEvent } from 'react';
import type { ExecutionLogLine } from '../../../src/contract/executions.ts';
import { clockWords } from '../ui/time-words.ts';
import { ansiSpans } from './ansi-spans.ts';
import { t } from '../words/words.ts';
import styles from './log-view.module.css';

interface Props {
  /** Undefined while it is read. */
  line: ExecutionLogLine | undefined;
  /** From 0, among the lines that are shown. */
  index: number;
  digits: number;
  wanted: string;
  current: boolean;
  node: boolean;
  href: string;
  onLine: (seq: number) => void;
}

/** One line with its colours as a terminal shows them; everything else it may contain is text. */
export const LogRow = memo(function LogRow({ line, index, digits, wanted, current, node, href, onLine }: Props) {
  const number = { width: `${digits}ch` };
  if (!line) {
    return (
      <div className={styles['row']} data-index={index}>
        <span className={styles['seq']} style={number}>
          {index + 1}
        </span>
        <span className={styles['unread']} />
      </div>
    );
  }
  function choose(event: MouseEvent): void {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    onLine(line?.seq ?? 0);
  }
  return (
    <div
      className={styles['row']}
      data-index={index}
      data-stream={line.stream}
      data-current={current}
      aria-current={current || undefined}
    >
      <a
        className={styles['seq']}
        style={number}
        href={href}
        onClick={choose}
        title={t('Link to this line')}
        tabIndex={-1}
      >
        {index + 1}
      </a>
      <time className={styles['at']} dateTime={line.at} title={line.at}>
        {clockWords(line.at)}
      </time>
      {node && (
        <span className={styles['node']} title={line.nodeId}>
          {line.nodeId ?? ''}
        </span>
      )}
      {line.stream === 'stderr' && <span className={styles['stream']}>{t('err')}</span>}
      <span className={styles['text']}>
        {ansiSpans(line.text).map((span, place) => (
          <span
            key={place}
            className={typeof span.color === 'number' ? styles[`c${span.color}`] : undefined}
            style={{
              ...(typeof span.color === 'string' ? { color: span.color } : {}),
              ...(span.bold ? { fontWeight: 650 } : {}),
              ...(span.dim ? { opacity: 0.7 } : {}),
              ...(span.underline ? { textDecoration: 'underline' } : {}),
            }}
          >
            <Marked text={span.text} wanted={wanted} />
          </span>
        ))}
      </span>
    </div>
  );
});

function Marked({ text, wanted }: { text: string; wanted: string }) {
  if (wanted === '') return text;
  const parts: (string | { mark: string })[] = [];
  const lower = text.toLowerCase();
  let at = 0;
  for (let found = lower.indexOf(wanted); found !== -1; found = lower.indexOf(wanted, at)) {
    parts.push(text.slice(at, found), { mark: text.slice(found, found + wanted.length) });
    at = found + wanted.length;
  }
  parts.push(text.slice(at));
  return parts.map((part, index) => (typeof part === 'string' ? part : <mark key={index}>{part.mark}</mark>));
}
