/**
 * Shows notifications, and one calm page while the server is away. It keeps nothing else: every page and every answer of
 * the API comes from the server, so what is shown is never older than the connection.
 */
const SHELF = 'pointsman-offline-1';
const KEPT = ['/offline.html', '/offline.js', '/favicon.svg'];

addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(SHELF)
      .then((shelf) => shelf.addAll(KEPT.map((path) => new Request(path, { cache: 'reload' }))))
      .then(() => self.skipWaiting()),
  );
});

addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== SHELF).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== location.origin || request.method !== 'GET') return;
  if (request.mode === 'navigate' && !/^\/(api|mcp|ws|hooks|metrics|healthz|readyz)(\/|$)/.test(pathname))
    event.respondWith(fetch(request).catch(() => kept('/offline.html')));
  else if (KEPT.includes(pathname)) event.respondWith(fetch(request).catch(() => kept(pathname)));
});

addEventListener('push', (event) => {
  event.waitUntil(inTurn(() => tell(noteIn(event.data))));
});

addEventListener('message', (event) => {
  if (event.data?.type === 'answered') event.waitUntil(inTurn(closeAnswered));
});

addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.address ?? '/inbox'));
});

/**
 * One after the other: while a notification is being shown Chromium has stored it and not yet put it on the screen, and
 * whoever lists the notifications in that moment makes it forget that one, with what a click on it would do.
 */
let last = Promise.resolve();
function inTurn(work) {
  last = last.then(work, work);
  return last;
}

async function kept(path) {
  const shelf = await caches.open(SHELF);
  return (await shelf.match(path)) ?? Response.error();
}

/** What a newer server sends still says that something waits. */
function noteIn(data) {
  try {
    const note = data.json();
    if (typeof note.title === 'string') return note;
  } catch {
    // not ours, or not readable
  }
  return { item: null, title: 'Something waits for you', body: 'Open the inbox.', waiting: 0 };
}

async function tell(note) {
  const item = typeof note.item === 'string' ? note.item : null;
  await self.registration.showNotification(note.title, {
    body: String(note.body ?? ''),
    tag: item === null ? 'pointsman' : `inbox-${item}`,
    icon: '/icon-192.png',
    badge: '/badge-96.png',
    data: { item, address: item === null ? '/inbox' : `/inbox?item=${encodeURIComponent(item)}` },
  });
  if (note.waiting > 0) await self.navigator.setAppBadge?.(note.waiting).catch(() => undefined);
  await closeAnswered();
}

/**
 * Whatever was answered elsewhere needs no notification any more; asked only while there are any. They are listed before
 * the server is asked, and an item is open before it is pushed: so none is closed for being too new for the answer.
 */
async function closeAnswered() {
  const shown = (await self.registration.getNotifications()).filter(({ data }) => data?.item);
  if (shown.length === 0) return;
  const answer = await fetch('/api/inbox?state=open&limit=200', { headers: { accept: 'application/json' } }).catch(
    () => null,
  );
  if (!answer?.ok) return; // signed out, or away: nobody knows better than what was pushed
  const items = await answer.json();
  const open = new Set(items.map(({ id }) => id));
  // With more than one page open, what is not on it may be open too.
  if (items.length < 200) for (const notification of shown) if (!open.has(notification.data.item)) notification.close();
}

/** In the window that is there, or in a new one. */
async function open(address) {
  const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const [window] = windows.toSorted((a, b) => Number(b.focused) - Number(a.focused));
  if (!window) return void (await self.clients.openWindow(address));
  window.postMessage({ type: 'open', address });
  await window.focus().catch(() => undefined);
}
