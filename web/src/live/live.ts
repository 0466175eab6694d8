/** The app's one live store and its link; composed here, read through use-topic.ts. */
import { ApiError } from '../api/api-error.ts';
import { bearer } from '../api/bearer.ts';
import { request } from '../api/request.ts';
import { LiveLink } from './live-link.ts';
import { LiveStore } from './live-store.ts';

/** Without a cookie the token travels as a second protocol: a page cannot set a header on a socket. */
export function openSocket(path: string): WebSocket {
  const url = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${path}`;
  const token = bearer();
  return token === null ? new WebSocket(url) : new WebSocket(url, ['pointsman', `bearer.${token}`]);
}

/** A browser hides why a handshake failed, so a plain request finds out (and renews the session on the way). */
export async function maySocket(): Promise<boolean> {
  try {
    await request('GET /api/me');
    return true;
  } catch (error) {
    return !(error instanceof ApiError && error.status === 401);
  }
}

export const liveLink = new LiveLink({ connect: () => openSocket('/ws/updates'), mayConnect: maySocket });
export const liveStore = new LiveStore(liveLink, beforePaint);

const AT_LATEST_MS = 200; // a page that nobody sees is drawn no frames, and its title still counts

function beforePaint(run: () => void): void {
  let ran = false;
  const once = (): void => {
    if (ran) return;
    ran = true;
    clearTimeout(timer);
    run();
  };
  const timer = setTimeout(once, AT_LATEST_MS);
  requestAnimationFrame(once);
}
