/** The browser session: renewed once for everybody who got a 401 at the same time, announced when it ends. */

let renewing: Promise<boolean> | null = null;
const listeners = new Set<() => void>();

/** True when the refresh cookie brought a new session. */
export function renewSession(): Promise<boolean> {
  renewing ??= fetch('/api/auth/refresh', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: '{}',
    credentials: 'same-origin',
  })
    .then((response) => response.ok)
    .catch(() => false)
    .finally(() => {
      renewing = null;
    });
  return renewing;
}

export function sessionEnded(): void {
  for (const listener of listeners) listener();
}

export function onSessionEnded(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
