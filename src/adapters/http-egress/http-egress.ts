/** The HTTP client of workflows: checks where each request leads, also each redirect, and connects to what it checked. */
import type { AllowEntry } from '../../domain/egress/allow-list.ts';
import type { EgressOutcome, EgressRequest, HttpEgress } from '../../ports/http-egress.ts';
import { type CheckedUrl, checkUrl, type Reachable, type Resolve, resolveBySystem } from './checked-address.ts';
import { exchange } from './exchange.ts';

const REDIRECTS_MAX = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** What may go along to another origin; any other header could be a credential. */
const HARMLESS = new Set(['accept', 'accept-encoding', 'accept-language', 'user-agent']);

export function createHttpEgress({
  allow,
  ownPort,
  resolve = resolveBySystem,
}: {
  allow: readonly AllowEntry[];
  ownPort: () => number | null;
  resolve?: Resolve;
}): HttpEgress {
  const reachable: Reachable = { allow, ownPort, resolve };

  return {
    async send(request, signal) {
      let current = request;
      for (let redirects = 0; ; redirects += 1) {
        const checked = await unlessAborted(checkUrl(current.url, reachable), signal);
        if (checked.outcome !== 'checked') return redirects === 0 ? checked : afterRedirect(checked);
        const { url, host, addresses } = checked;
        const outcome = await exchange({ url, host, addresses, request: current, signal });
        const target = redirects < REDIRECTS_MAX ? targetOf(outcome, current, url) : null;
        if (target === null) return outcome;
        current = { ...current, url: target.href, headers: headersFor(current, url, target) };
      }
    },
  };
}

function targetOf(outcome: EgressOutcome, { follow, method }: EgressRequest, url: URL): URL | null {
  if (!follow || (method !== 'GET' && method !== 'HEAD') || outcome.outcome !== 'answered') return null;
  const { location } = outcome.headers;
  return REDIRECTS.has(outcome.status) && typeof location === 'string' ? URL.parse(location, url.href) : null;
}

function headersFor({ headers }: EgressRequest, from: URL, to: URL): Readonly<Record<string, string>> {
  if (from.origin === to.origin) return headers;
  return Object.fromEntries(Object.entries(headers).filter(([name]) => HARMLESS.has(name)));
}

function afterRedirect<T extends EgressOutcome>(outcome: T): T {
  return 'reason' in outcome ? { ...outcome, reason: `after a redirect: ${outcome.reason}` } : outcome;
}

/** The resolver of the system cannot be stopped; nobody has to wait for it. */
function unlessAborted(
  work: Promise<CheckedUrl>,
  signal: AbortSignal,
): Promise<CheckedUrl | Extract<EgressOutcome, { outcome: 'aborted' }>> {
  return new Promise((resolve, reject) => {
    const stop = () => resolve({ outcome: 'aborted' });
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
