/** Notifications of this browser: whether they can be, are, and how they are switched on and off. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { InboxItemType } from '../../../src/contract/inbox.ts';
import type { PushSubscription as Kept } from '../../../src/contract/push.ts';
import { pushSubscriptionsQuery } from '../api/queries.ts';
import { request } from '../api/request.ts';
import { deviceName } from './device-name.ts';
import { t } from '../words/words.ts';

export type PushState =
  /** `why`: what is missing, in words. */
  | { status: 'impossible'; why: string }
  | { status: 'denied' }
  | { status: 'off' }
  | { status: 'on'; id: string; kinds: readonly InboxItemType[] };

/** The id under which the server knows this browser; its address is nobody's but theirs. */
const KEY = 'pointsman.push';

export function usePush(): { state: PushState | null; turnOn: () => Promise<void>; turnOff: () => Promise<void> } {
  const client = useQueryClient();
  const kept = useQuery({ ...pushSubscriptionsQuery, enabled: whyNot() === null });
  const here = useQuery({ queryKey: ['push', 'here'], queryFn: ownSubscription, staleTime: Infinity });
  const again = async () => {
    await client.invalidateQueries({ queryKey: ['push'] });
  };
  return {
    state: stateOf(kept.data, here.data),
    turnOn: async () => {
      await subscribe();
      await again();
    },
    turnOff: async () => {
      await unsubscribe();
      await again();
    },
  };
}

function stateOf(kept: readonly Kept[] | undefined, here: boolean | undefined): PushState | null {
  const why = whyNot();
  if (why !== null) return { status: 'impossible', why };
  if (kept === undefined || here === undefined) return null;
  const own = here ? kept.find(({ id }) => id === rememberedId()) : undefined;
  if (own) return { status: 'on', id: own.id, kinds: own.kinds };
  return Notification.permission === 'denied' ? { status: 'denied' } : { status: 'off' };
}

/** Null when this browser can be notified. */
function whyNot(): string | null {
  if (!isSecureContext) return t('Notifications need https, or this machine’s own address.');
  if ('serviceWorker' in navigator && 'PushManager' in globalThis && 'Notification' in globalThis) return null;
  return /iPhone|iPad/.test(navigator.userAgent)
    ? t('On an iPhone or iPad, add Pointsman to the home screen first (Share → Add to Home Screen), and open it there.')
    : t('This browser has no notifications for web pages.');
}

async function ownSubscription(): Promise<boolean> {
  if (whyNot() !== null) return false;
  const registration = await navigator.serviceWorker.getRegistration();
  return ((await registration?.pushManager.getSubscription()) ?? null) !== null;
}

async function subscribe(): Promise<void> {
  if ((await Notification.requestPermission()) !== 'granted')
    throw new Error('This browser was told not to show notifications. Allow them in its settings for this page.');
  const [registration, { publicKey }] = await Promise.all([
    navigator.serviceWorker.ready,
    request('GET /api/push/key'),
  ]);
  const old = await registration.pushManager.getSubscription();
  // One that was made with another key is worth nothing to this server.
  if (old && keyOf(old) !== publicKey) await old.unsubscribe();
  const made = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: publicKey });
  const { endpoint, keys } = made.toJSON();
  const kept = await request('PUT /api/push/subscriptions', {
    body: {
      endpoint: endpoint ?? made.endpoint,
      keys: { p256dh: keys?.['p256dh'] ?? '', auth: keys?.['auth'] ?? '' },
      device: deviceName(navigator.userAgent),
    },
  });
  remember(kept.id);
}

/** Also when somebody signs out: the next person at this browser is somebody else. */
export async function unsubscribe(): Promise<void> {
  const id = rememberedId();
  remember(null);
  if (id) await request('DELETE /api/push/subscriptions/{id}', { params: { id } }).catch(() => undefined);
  if (whyNot() !== null) return;
  const registration = await navigator.serviceWorker.getRegistration();
  await (await registration?.pushManager.getSubscription())?.unsubscribe();
}

function keyOf(subscription: PushSubscription): string {
  const bytes = new Uint8Array(subscription.options.applicationServerKey ?? new ArrayBuffer(0));
  return btoa(String.fromCodePoint(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

function rememberedId(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // storage is switched off
  }
}

function remember(id: string | null): void {
  try {
    if (id === null) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, id);
  } catch {
    // Storage is switched off: this browser is told, but does not know its own name in the list.
  }
}
