/** Talks to one `opencode serve` on loopback: requests, and the stream of what happens, taken up again when it breaks. */
import { setTimeout as wait } from 'node:timers/promises';
import { type Json, isObject, text } from '../json-row.ts';
import { type OpencodeEvent, parseOpencodeEvent } from './opencode-event.ts';

const ANSWERS_WITHIN_MS = 30_000;
/** It sends a heartbeat every ten seconds. */
const SILENT_STREAM_MS = 45_000;
const AGAIN_AFTER_MS = 250;

export interface ServerAnswer {
  status: number;
  body: unknown;
  /** Of a list that goes on: where. */
  next: string | null;
}

export interface OpencodeServer {
  request(method: 'GET' | 'POST' | 'PATCH', path: string, body?: object): Promise<ServerAnswer>;
  /** Tells `connected` first, at each beginning: what happened before must be asked for. Ends with `signal`. */
  follow(onEvent: (event: OpencodeEvent) => void, signal: AbortSignal): Promise<void>;
}

export function opencodeServer(options: { port: number; password: string; directory: string }): OpencodeServer {
  const { port, password, directory } = options;
  const headers = { authorization: `Basic ${Buffer.from(`opencode:${password}`).toString('base64')}` };
  const address = (path: string): string =>
    `http://127.0.0.1:${port}${path}${path.includes('?') ? '&' : '?'}directory=${encodeURIComponent(directory)}`;

  return {
    async request(method, path, body) {
      const ask = async (): Promise<ServerAnswer> => {
        const response = await fetch(address(path), {
          method,
          headers: { ...headers, ...(body ? { 'content-type': 'application/json' } : {}) },
          ...(body ? { body: JSON.stringify(body) } : {}),
          signal: AbortSignal.timeout(ANSWERS_WITHIN_MS),
        });
        const content = await response.text();
        return {
          status: response.status,
          body: response.headers.get('content-type')?.includes('json') && content ? JSON.parse(content) : null,
          next: response.headers.get('x-next-cursor'),
        };
      };
      if (method !== 'GET') return ask();
      // A connection that was kept open may be closed at the moment in which it is used again (ECONNRESET).
      return ask().catch(ask);
    },

    async follow(onEvent, signal) {
      while (!signal.aborted) {
        const quiet = new AbortController();
        let timer: NodeJS.Timeout | undefined;
        const heard = (): void => {
          clearTimeout(timer);
          timer = setTimeout(() => quiet.abort(), SILENT_STREAM_MS).unref();
        };
        try {
          heard();
          const response = await fetch(address('/event'), {
            headers,
            signal: AbortSignal.any([signal, quiet.signal]),
          });
          if (!response.ok) await response.body?.cancel();
          else if (response.body)
            for await (const data of eventsIn(response.body)) {
              heard();
              const event = parseOpencodeEvent(data);
              if (event && !signal.aborted) onEvent(event);
            }
        } catch {
          // It ended, or does not listen yet: whoever owns the session ends this with the signal.
        } finally {
          clearTimeout(timer);
        }
        await wait(AGAIN_AFTER_MS, null, { signal }).catch(() => null);
      }
    },
  };
}

/** What it says of a request that it refused. */
export function refusal({ status, body }: Pick<ServerAnswer, 'status' | 'body'>): string {
  const error: Json = isObject(body) ? body : {};
  const data = isObject(error['data']) ? error['data'] : {};
  return text(data['message']) || text(error['message']) || `it answered with status ${status}`;
}

async function* eventsIn(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    const events = rest.split('\n\n');
    rest = events.pop() ?? '';
    for (const event of events)
      yield event
        .split('\n')
        .filter((line) => line.startsWith('data:'))
        .map((line) => line.slice(5).trimStart())
        .join('\n');
  }
}
