/** Log lines of any number: only those in sight are in the page. */
import { type UIEvent, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import type { ExecutionLogLine } from '../../../src/contract/executions.ts';
import { Empty } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Icon } from '../ui/icon.tsx';
import { useKeys } from '../ui/keys.ts';
import { clockWords, plural } from '../ui/time-words.ts';
import { ansiSpans, plainText } from './ansi-spans.ts';
import { useExecutionLogs } from './use-execution-logs.ts';
import styles from './log-view.module.css';

const ROW_PX = 20;
const OVERSCAN = 20;

interface Props {
  executionId: string;
  /** Only this node's lines. */
  nodeId: string | null;
  onShowAll: () => void;
}

export function LogView({ executionId, nodeId, onShowAll }: Props) {
  const { lines, loading, error } = useExecutionLogs(executionId);
  const [query, setQuery] = useState('');
  const [follow, setFollow] = useState(true);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(400);
  const [hit, setHit] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const wanted = useDeferredValue(query.trim().toLowerCase());

  const shown = useMemo(
    () => (nodeId === null ? lines : lines.filter((line) => line.nodeId === nodeId)),
    [lines, nodeId],
  );
  const hits = useMemo(() => {
    if (wanted === '') return [];
    return shown.flatMap((line, index) => (plainText(line.text).toLowerCase().includes(wanted) ? [index] : []));
  }, [shown, wanted]);

  useEffect(() => {
    const place = box.current;
    if (!place) return;
    const resized = new ResizeObserver(() => setHeight(place.clientHeight));
    resized.observe(place);
    return () => resized.disconnect();
  }, []);
  useEffect(() => {
    if (follow && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [follow, shown, height]);
  useKeys({ f: () => setFollow((was) => !was), '/': () => field.current?.focus() });

  function onScroll(event: UIEvent<HTMLDivElement>): void {
    const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
    const atEnd = scrollHeight - scrollTop - clientHeight < ROW_PX * 1.5;
    if (scrollTop < top && !atEnd) setFollow(false);
    if (atEnd && scrollTop > top) setFollow(true);
    setTop(scrollTop);
  }
  function jump(by: number): void {
    if (hits.length === 0) return;
    const next = (hit + by + hits.length) % hits.length;
    setHit(next);
    setFollow(false);
    if (box.current) box.current.scrollTop = Math.max(0, (hits[next] ?? 0) * ROW_PX - height / 2);
  }

  const first = Math.max(0, Math.floor(top / ROW_PX) - OVERSCAN);
  const last = Math.min(shown.length, Math.ceil((top + height) / ROW_PX) + OVERSCAN);
  const digits = String(shown.at(-1)?.seq ?? 0).length;
  return (
    <div className={styles['view']}>
      <div className={styles['bar']}>
        <input
          ref={field}
          type="search"
          placeholder="Find in the log ( / )"
          aria-label="Find in the log"
          value={query}
          onChange={(event) => {
            setQuery(event.target.value);
            setHit(0);
          }}
          onKeyDown={(event) => {
            if (event.key === 'Enter') jump(event.shiftKey ? -1 : 1);
            if (event.key === 'Escape') event.currentTarget.blur();
          }}
        />
        {wanted !== '' && (
          <span className={styles['hits']} role="status">
            {hits.length === 0 ? 'not found' : `${hit + 1} of ${hits.length}`}
            <button type="button" aria-label="Previous" onClick={() => jump(-1)}>
              <Icon name="chevronUp" size={14} />
            </button>
            <button type="button" aria-label="Next" onClick={() => jump(1)}>
              <Icon name="chevronDown" size={14} />
            </button>
          </span>
        )}
        <span className={styles['count']}>{plural(shown.length, 'line')}</span>
        {nodeId !== null && (
          <button type="button" className={styles['chip']} onClick={onShowAll} title="Show the lines of all nodes">
            {nodeId} <Icon name="cross" size={12} />
          </button>
        )}
        <button
          type="button"
          className={styles['follow']}
          aria-pressed={follow}
          onClick={() => setFollow(!follow)}
          title="Keep the newest line in sight (f)"
        >
          <Icon name={follow ? 'pause' : 'play'} size={13} />
          {follow ? 'Following' : 'Follow'}
        </button>
      </div>
      {error !== null && <ErrorNote error={error} />}
      <div
        className={styles['box']}
        ref={box}
        onScroll={onScroll}
        role="log"
        aria-label="Log"
        aria-live="off"
        tabIndex={0}
      >
        {shown.length === 0 ? (
          <Empty
            icon="terminal"
            title={
              loading ? 'Reading the log…' : nodeId === null ? 'Nothing was logged yet' : `${nodeId} has logged nothing`
            }
          >
            {loading ? null : 'Output of steps appears here as it is written.'}
          </Empty>
        ) : (
          <div style={{ height: shown.length * ROW_PX, position: 'relative' }}>
            <div style={{ position: 'absolute', top: first * ROW_PX, minWidth: '100%' }}>
              {shown.slice(first, last).map((line, index) => (
                <LogRow
                  key={line.seq}
                  line={line}
                  digits={digits}
                  wanted={wanted}
                  current={hits[hit] === first + index && wanted !== ''}
                  node={nodeId === null}
                />
              ))}
            </div>
          </div>
        )}
      </div>
    </div>
  );
}

function LogRow({
  line,
  digits,
  wanted,
  current,
  node,
}: {
  line: ExecutionLogLine;
  digits: number;
  wanted: string;
  current: boolean;
  node: boolean;
}) {
  return (
    <div className={styles['row']} data-stream={line.stream} data-current={current}>
      <span className={styles['seq']} style={{ width: `${digits}ch` }}>
        {line.seq}
      </span>
      <time className={styles['at']} dateTime={line.at} title={line.at}>
        {clockWords(line.at)}
      </time>
      {node && <span className={styles['node']}>{line.nodeId ?? ''}</span>}
      {line.stream === 'stderr' && <span className={styles['stream']}>err</span>}
      <span className={styles['text']}>
        {ansiSpans(line.text).map((span, index) => (
          <span
            key={index}
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
}

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
