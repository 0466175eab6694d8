/** Log lines of any number: only those in sight are in the page, and only those around them were read. */
import { useDeferredValue, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { LogFilter } from '../../../src/contract/executions.ts';
import { Empty } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Icon } from '../ui/icon.tsx';
import { focusTitle } from '../ui/kept-focus.ts';
import { useFieldKeys, useKeys } from '../ui/keys.ts';
import { LogRow } from './log-row.tsx';
import { LogSource } from './log-source.ts';
import { LogTools } from './log-tools.tsx';
import { useLogHits } from './use-log-hits.ts';
import { useLogScroll } from './use-log-scroll.ts';
import { plural, t } from '../words/words.ts';
import { useKeyOf } from '../ui/chosen-keys.ts';
import styles from './log-view.module.css';

interface Props {
  executionId: string;
  /** Only these lines, and what they are called. */
  filter: { by: Pick<LogFilter, 'node' | 'step'>; label: string } | null;
  /** The line that the address names. */
  line: number | null;
  onLine: (seq: number | null) => void;
  onShowAll: () => void;
  /** Whether `f`, `w` and `/` are for this log, where there are several. */
  keys?: boolean;
  /** Where a line is found; on this page without. */
  hrefOf?: (seq: number) => string;
}

/** Give it a key of its execution and filter: another one begins anew. */
export function LogView({ executionId, filter, line, onLine, onShowAll, keys = true, hrefOf = addressOf }: Props) {
  const keyOf = useKeyOf('Log');
  const [log] = useState(() => new LogSource(executionId, filter?.by ?? {}));
  const { loading, error } = useSyncExternalStore(log.subscribe, log.state);
  const [query, setQuery] = useState('');
  const [follow, setFollow] = useState(line === null);
  const [wrap, setWrap] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const wanted = useDeferredValue(query.trim());
  const { total } = log.pages;
  const { box, rows, height, first, last, fromEnd, onScroll, show } = useLogScroll({
    total,
    wrap,
    follow,
    onFollow: setFollow,
  });
  const reveal = (index: number): void => {
    setFollow(false);
    show(index);
  };
  const hits = useLogHits({ executionId, by: filter?.by, wanted, log, from: first, reveal });
  const current = hits.current ?? line;

  useEffect(() => {
    log.open();
    return () => log.close();
  }, [log]);
  useEffect(() => log.need(first, last), [log, first, last, total]);
  // To the line of the address once: afterwards the person moves.
  const sought = useRef<number | null>(null);
  useEffect(() => {
    if (loading || line === null || sought.current === line) return;
    sought.current = line;
    void log.find(line).then((index) => {
      if (index === null) return;
      reveal(index);
      box.current?.scrollIntoView({ block: 'nearest' });
    });
  });
  const choose = (seq: number): void => {
    sought.current = seq; // it is in sight already
    setFollow(false);
    onLine(seq);
  };
  useKeys(
    'Log',
    keys
      ? {
          '/': [t('Find in the log'), () => field.current?.focus()],
          f: [t('Follow what is written'), () => setFollow((was) => !was)],
          w: [t('Wrap long lines'), () => setWrap((was) => !was)],
        }
      : {},
  );
  const onFieldKey = useFieldKeys<HTMLInputElement>('Log', {
    Enter: [t('Next one that is found'), () => hits.jump(1)],
    'shift+Enter': [t('The one before'), () => hits.jump(-1)],
    Escape: [
      t('Back from finding'),
      () => {
        if (query === '') focusTitle();
        setQuery('');
      },
    ],
  });

  const digits = String(total).length;
  return (
    <div className={styles['view']}>
      <div className={styles['bar']}>
        <input
          ref={field}
          type="search"
          placeholder={t('Find in the log ( {key} )', { key: keyOf('/') })}
          aria-label={t('Find in the log')}
          value={query}
          onChange={(event) => setQuery(event.target.value)}
          onKeyDown={onFieldKey}
        />
        {query.trim() !== '' && (
          <span className={styles['hits']} role="status">
            {hits.words}
            <button type="button" aria-label={t('Previous')} title={t('Shift Enter')} onClick={() => hits.jump(-1)}>
              <Icon name="chevronUp" size={14} />
            </button>
            <button type="button" aria-label={t('Next')} title={t('Enter')} onClick={() => hits.jump(1)}>
              <Icon name="chevronDown" size={14} />
            </button>
          </span>
        )}
        <span className={styles['count']}>{plural(total, 'line')}</span>
        {filter !== null && (
          <button type="button" className={styles['chip']} onClick={onShowAll} title={t('Show the lines of all nodes')}>
            <span>{filter.label}</span> <Icon name="cross" size={12} />
          </button>
        )}
        <LogTools
          executionId={executionId}
          by={filter?.by ?? {}}
          total={total}
          line={line}
          wrap={wrap}
          follow={follow}
          onWrap={() => setWrap(!wrap)}
          onFollow={() => setFollow(!follow)}
        />
      </div>
      {error !== null && <ErrorNote error={error} />}
      <div
        className={styles['box']}
        ref={box}
        onScroll={onScroll}
        role="log"
        aria-label={t('Log')}
        aria-live="off"
        aria-busy={loading}
        tabIndex={0}
        data-wrap={wrap}
      >
        {total === 0 ? (
          <Empty
            icon="terminal"
            title={
              loading
                ? t('Reading the log…')
                : filter === null
                  ? t('Nothing was logged yet')
                  : t('{label} has logged nothing', { label: filter.label })
            }
          >
            {loading ? null : t('Output of steps appears here as it is written.')}
          </Empty>
        ) : (
          <div style={{ height, position: 'relative' }}>
            <div ref={rows} className={styles['rows']} data-from-end={fromEnd}>
              {Array.from({ length: Math.max(0, last - first) }, (_unused, offset) => {
                const index = first + offset;
                const row = log.pages.lineAt(index);
                return (
                  <LogRow
                    key={row?.seq ?? `at ${index}`}
                    line={row}
                    index={index}
                    digits={digits}
                    wanted={wanted.toLowerCase()}
                    current={row !== undefined && row.seq === current}
                    node={filter === null}
                    href={row ? hrefOf(row.seq) : ''}
                    onLine={choose}
                  />
                );
              })}
            </div>
          </div>
        )}
      </div>
    </div>
  );
}

/** Of this page, at a line of its log. */
function addressOf(seq: number): string {
  const search = new URLSearchParams(location.search);
  search.set('tab', 'log');
  search.set('line', String(seq));
  return `?${search}`;
}
