/** Ends the session, and with it what this browser was told: the next person at it is somebody else. */
import { request } from '../api/request.ts';
import { sessionEnded } from '../api/session.ts';
import { unsubscribe } from '../push/this-browser.ts';

export async function signOut(): Promise<void> {
  await unsubscribe().catch(() => undefined);
  await request('POST /api/auth/logout').catch(() => undefined);
  sessionEnded();
}
