/** Which Host and Origin headers are served: loopback names and the configured public address. */

import type { IncomingMessage } from 'node:http';

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]', '::1']);

export interface AllowedHosts {
  /** Exactly one Host header, and it names an address of ours. */
  host(request: Pick<IncomingMessage, 'headers' | 'rawHeaders'>): boolean;
  origin(header: string): boolean;
}

export function allowedHosts({ publicUrl }: { publicUrl?: string | undefined }): AllowedHosts {
  const own = publicUrl ? new URL(publicUrl) : null;
  return {
    host({ headers, rawHeaders }) {
      // Node keeps the first of two; whoever sent two may mean the other.
      const sent = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host').length;
      if (sent !== 1 || !headers.host) return false;
      const name = hostName(headers.host);
      return name !== null && (LOOPBACK.has(name) || name === own?.hostname);
    },
    origin(header) {
      let origin: URL;
      try {
        origin = new URL(header);
      } catch {
        return false;
      }
      if (origin.origin === own?.origin) return true;
      return origin.protocol === 'http:' && LOOPBACK.has(origin.hostname);
    },
  };
}

/** Lower case, without port and the root's dot; null when it is no host at all. */
function hostName(header: string): string | null {
  const match = /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+)(?::\d{1,5})?$/.exec(header);
  return match?.[1] ? match[1].toLowerCase().replace(/\.$/, '') : null;
}
