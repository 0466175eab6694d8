/** The page's side of the service worker: registers it, goes where a notification leads, closes what was answered. */
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

/**
 * The number on the app's icon; and the worker is told to look which notifications were answered. It asks the server:
 * this page's list may be older than a push that was shown already.
 */
export async function tidyNotifications(open: number): Promise<void> {
  if (open > 0) await navigator.setAppBadge?.(open).catch(() => undefined);
  else await navigator.clearAppBadge?.().catch(() => undefined);
  if (!('serviceWorker' in navigator)) return;
  const registration = await navigator.serviceWorker.getRegistration().catch(() => undefined);
  registration?.active?.postMessage({ type: 'answered' });
}

/** A path of ours; anything else that somebody posts leads nowhere. */
function addressIn(data: unknown): string | null {
  if (typeof data !== 'object' || data === null || !('type' in data) || data.type !== 'open') return null;
  const address = 'address' in data ? data.address : null;
  return typeof address === 'string' && /^\/(?![/\\])/.test(address) ? address : null;
}
