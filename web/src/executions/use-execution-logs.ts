/** The log of one execution: everything there is, then every line as it comes. */
import { useEffect, useState } from 'react';
import type { ExecutionLogLine } from '../../../src/contract/executions.ts';
import { request } from '../api/request.ts';
import { liveStore } from '../live/live.ts';
import { executionReducer } from '../live/reducers.ts';
import { LogBuffer } from './log-buffer.ts';

const PAGE = 1000;
const SHOW_EVERY_MS = 100;

export function useExecutionLogs(id: string): { lines: readonly ExecutionLogLine[]; loading: boolean; error: unknown } {
  const [state, setState] = useState(() => ({
    lines: [] as readonly ExecutionLogLine[],
    loading: true,
    error: null as unknown,
  }));
  useEffect(() => {
    const buffer = new LogBuffer();
    const gone = new AbortController();
    let timer: ReturnType<typeof setTimeout> | null = null;
    let reading: Promise<void> | null = null;
    let readTo = 0;
    const show = (): void => {
      timer ??= setTimeout(() => {
        timer = null;
        // A new list each time: what is derived from it is derived anew.
        setState((was) => ({ ...was, lines: buffer.lines.slice() }));
      }, SHOW_EVERY_MS);
    };
    const read = async (): Promise<void> => {
      try {
        for (let more = true; more && !gone.signal.aborted;) {
          const page = await request('GET /api/executions/{id}/logs', {
            params: { id },
            query: { after: readTo, limit: PAGE },
            signal: gone.signal,
          });
          buffer.add(page);
          readTo = page.at(-1)?.seq ?? readTo;
          more = page.length === PAGE;
          show();
        }
        setState((was) => ({ ...was, loading: false, error: null }));
      } catch (error) {
        if (!gone.signal.aborted) setState((was) => ({ ...was, loading: false, error }));
      } finally {
        reading = null;
      }
    };
    reading = read();
    const leave = liveStore.listen(`execution:${id}`, executionReducer, (event) => {
      if (event.type === 'snapshot') reading ??= read();
      else if (event.event === 'log.appended') {
        const { lines } = event.data as { lines: ExecutionLogLine[] };
        if (buffer.add(lines)) show();
        if (!reading) readTo = Math.max(readTo, buffer.last);
      }
    });
    return () => {
      gone.abort();
      leave();
      if (timer) clearTimeout(timer);
    };
  }, [id]);
  return state;
}
