/** What a text is found in, in the whole log: the server counts and pages, and every new line is looked at as it comes. */
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { LogFilter } from '../../../src/contract/executions.ts';
import { LogSource, type LogState } from './log-source.ts';
import { locale, t } from '../words/words.ts';

const TYPED_MS = 200; // long enough for the next letter

interface Options {
  executionId: string;
  by: Pick<LogFilter, 'node' | 'step'> | undefined;
  wanted: string;
  log: LogSource;
  /** The place in the log from which the first one is looked for. */
  from: number;
  reveal: (index: number) => void;
}

export interface LogHits {
  words: string;
  /** The number of the line that is looked at. */
  current: number | null;
  jump: (by: 1 | -1) => void;
}

const NOTHING: LogState = { version: 0, loading: false, error: null };
const never = () => () => undefined;
const nothing = () => NOTHING;

export function useLogHits({ executionId, by, wanted, log, from, reveal }: Options): LogHits {
  const [found, setFound] = useState<{ source: LogSource; wanted: string } | null>(null);
  const [seen, setSeen] = useState<{ source: LogSource; index: number; seq: number } | null>(null);
  const source = found?.wanted === wanted ? found.source : null;
  const at = seen && seen.source === source ? seen : null;
  const state = useSyncExternalStore(source?.subscribe ?? never, source?.state ?? nothing);
  const latest = useRef({ by, log, from, reveal });
  useEffect(() => {
    latest.current = { by, log, from, reveal };
  });

  useEffect(() => {
    if (wanted === '') return;
    let opened: LogSource | null = null;
    const timer = setTimeout(() => {
      opened = new LogSource(executionId, { ...latest.current.by, search: wanted });
      opened.open();
      setFound({ source: opened, wanted });
    }, TYPED_MS);
    return () => {
      clearTimeout(timer);
      opened?.close();
    };
  }, [executionId, wanted]);

  async function show(index: number): Promise<void> {
    if (!source) return;
    const line = await source.line(index);
    const place = line && (await latest.current.log.find(line.seq));
    if (!line || place === null || place === undefined) return;
    setSeen({ source, index, seq: line.seq });
    latest.current.reveal(place);
  }
  const total = source?.pages.total ?? 0;
  const ready = source !== null && !state.loading && total > 0;
  // The first one below what is in sight, as soon as there is one.
  useEffect(() => {
    if (!ready || at) return;
    const above = latest.current.log.pages.lineAt(latest.current.from)?.seq ?? 0;
    void source.find(above).then((index) => show(index !== null && index < source.pages.total ? index : 0));
    // oxlint-disable-next-line react/exhaustive-deps -- once for each text
  }, [source, ready]);

  return {
    words:
      state.error !== null
        ? t('cannot search')
        : source === null || state.loading
          ? t('searching…')
          : total === 0
            ? t('not found')
            : at
              ? t('{value} of {total}', {
                  value: (at.index + 1).toLocaleString(locale),
                  total: total.toLocaleString(locale),
                })
              : total.toLocaleString(locale),
    current: wanted === '' ? null : (at?.seq ?? null),
    jump: (step) => {
      if (total > 0) void show(((at?.index ?? -step) + step + total) % total);
    },
  };
}
