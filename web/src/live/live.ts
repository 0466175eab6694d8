/** The app's one live store and its link; composed here, read through use-topic.ts. */
import { ApiError } from '../api/api-error.ts';
import { request } from '../api/request.ts';
import { LiveLink } from './live-link.ts';
import { LiveStore } from './live-store.ts';

export const socketUrl = (path: string): string =>
  `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${path}`;

/** A browser hides why a handshake failed, so a plain request finds out (and renews the session on the way). */
export async function maySocket(): Promise<boolean> {
  try {
    await request('GET /api/me');
    return true;
  } catch (error) {
    return !(error instanceof ApiError && error.status === 401);
  }
}

export const liveLink = new LiveLink({ url: () => socketUrl('/ws/updates'), mayConnect: maySocket });
export const liveStore = new LiveStore(liveLink);
