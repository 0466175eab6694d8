/** Refuses to listen beyond this machine unless somebody can sign in and nobody can listen in. */
import { isIP } from 'node:net';
import { PointsmanError } from '../contract/errors.ts';
import type { Store } from '../ports/store/store.ts';
import type { Config } from './config.ts';

export async function requireSafeBind(config: Config, store: Store): Promise<void> {
  if (isLoopback(config.host)) return;
  const users = await store.identity.users({ limit: 1000 });
  if (!users.some((user) => user.role === 'admin' && user.passwordHash && !user.disabled)) {
    throw new PointsmanError('BIND_REFUSED', {
      detail: `${config.host} can be reached from other machines, and no administrator has a password yet (POINTSMAN_ADMIN_PASSWORD_FILE sets one).`,
    });
  }
  if (!(config.tlsCertFile && config.tlsKeyFile) && config.trustedProxies.length === 0) {
    throw new PointsmanError('BIND_REFUSED', {
      detail: `${config.host} can be reached from other machines, and neither TLS (POINTSMAN_TLS_CERT_FILE, POINTSMAN_TLS_KEY_FILE) nor a trusted proxy (POINTSMAN_TRUSTED_PROXIES) is configured.`,
    });
  }
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
