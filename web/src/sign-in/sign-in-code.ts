/** The one-time code of a sign-in link: taken out of the address and the history before anything else happens. */
let code: string | null = null;
const listeners = new Set<() => void>();

function takeFromAddress(): void {
  const found = /^#code=([^&]+)/.exec(location.hash)?.[1];
  if (!found) return;
  history.replaceState(history.state, '', location.pathname + location.search);
  code = decodeURIComponent(found);
  for (const listener of listeners) listener();
}

takeFromAddress();
addEventListener('hashchange', takeFromAddress);

export const pendingSignInCode = (): string | null => code;

/** A code works once, so it is handed out once. */
export function consumeSignInCode(): string | null {
  const taken = code;
  code = null;
  return taken;
}

export function onSignInCode(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
