/** The page's side of the service worker: registers it, goes where a notification leads, closes what was answered. */
import type { InboxItem } from '../../../src/contract/inbox.ts';

/** Only the built app has one; in development every file is always the newest. */
export function registerServiceWorker(open: (address: string) => void): (() => void) | undefined {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return undefined;
  const onMessage = ({ data }: MessageEvent<unknown>) => {
    const address = addressIn(data);
    if (address) open(address);
  };
  navigator.serviceWorker.addEventListener('message', onMessage);
  const register = () =>
    void navigator.serviceWorker
      .register('/service-worker.js', { updateViaCache: 'none' })
      // Private windows have none; everything but notifications and the offline page works without.
      .catch(() => undefined);
  if (document.readyState === 'complete') register();
  else addEventListener('load', register, { once: true });
  return () => navigator.serviceWorker.removeEventListener('message', onMessage);
}

/** The notifications of items that are not open any more, and the number on the app's icon. */
export async function tidyNotifications(open: readonly Pick<InboxItem, 'id'>[]): Promise<void> {
  if (open.length > 0) await navigator.setAppBadge?.(open.length).catch(() => undefined);
  else await navigator.clearAppBadge?.().catch(() => undefined);
  if (!('serviceWorker' in navigator)) return;
  const registration = await navigator.serviceWorker.getRegistration().catch(() => undefined);
  const ids = new Set(open.map(({ id }) => id));
  for (const notification of (await registration?.getNotifications()) ?? []) {
    const { item } = (notification.data ?? {}) as { item?: string | null };
    if (item && !ids.has(item)) notification.close();
  }
}

/** A path of ours; anything else that somebody posts leads nowhere. */
function addressIn(data: unknown): string | null {
  if (typeof data !== 'object' || data === null || !('type' in data) || data.type !== 'open') return null;
  const address = 'address' in data ? data.address : null;
  return typeof address === 'string' && /^\/(?![/\\])/.test(address) ? address : null;
}
