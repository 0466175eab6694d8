/** A browser's session in a Pointsman under test: its cookies, and requests that carry them as a page would. */
import type { Pointsman } from './pointsman-process.ts';
import { rawRequest, type RawAnswer } from './raw-request.ts';

export interface BrowserSession {
  cookie: string;
  /** Each cookie with its attributes, as it was set. */
  set: string[];
  request(
    method: string,
    path: string,
    body?: object,
    headers?: Record<string, string>,
  ): Promise<RawAnswer & { body: any }>;
}

/** With a fresh one-time code of the local administrator, or with a name and password. */
export async function signIn(server: Pointsman, as?: { name: string; password: string }): Promise<BrowserSession> {
  const how = as
    ? { path: '/api/auth/login', body: as }
    : {
        path: '/api/auth/exchange',
        body: { code: (await server.request('POST', '/api/auth/links')).body.code as string },
      };
  const answer = await fetch(`${server.url}${how.path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(how.body),
  });
  if (answer.status !== 200) throw new Error(`the sign-in was answered ${answer.status}: ${await answer.text()}`);
  return sessionOf(server, answer.headers.getSetCookie());
}

export function sessionOf(server: Pointsman, set: string[]): BrowserSession {
  const cookie = set.map((one) => one.split(';', 1)[0]).join('; ');
  return {
    cookie,
    set,
    async request(method, path, body, headers = {}) {
      const answer = await rawRequest(server.url, {
        method,
        path,
        headers: {
          cookie,
          origin: server.url,
          'sec-fetch-site': 'same-origin',
          ...(body ? { 'content-type': 'application/json' } : {}),
          ...headers,
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      return { ...answer, body: answer.text ? JSON.parse(answer.text) : null };
    },
  };
}
