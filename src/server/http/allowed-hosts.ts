/** Which Host and Origin headers are served: loopback names and the configured public address. */

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]', '::1']);

export interface AllowedHosts {
  host(header: string | undefined): boolean;
  origin(header: string): boolean;
}

export function allowedHosts({ publicUrl }: { publicUrl?: string | undefined }): AllowedHosts {
  const own = publicUrl ? new URL(publicUrl) : null;
  return {
    host(header) {
      if (!header) return false;
      const name = hostName(header);
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
