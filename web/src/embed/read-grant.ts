/** What an embedded view was made for, read from its own address; the server checks it, this only reads. */
export interface ShownGrant {
  show: 'overview' | 'agent' | 'execution';
  /** Empty for the overview. */
  id: string;
  /** Milliseconds since 1970. */
  expires: number;
  token: string;
}

/** Null when something of the address is missing. */
export function readGrant(page: string, hash: string): ShownGrant | null {
  const key = /^#key=([\w-]+)$/.exec(hash)?.[1];
  const payload = page.split('.')[0] ?? '';
  if (key === undefined) return null;
  try {
    const grant = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/'))) as Record<string, unknown>;
    const { show, id = '', expires } = grant;
    if ((show !== 'overview' && show !== 'agent' && show !== 'execution') || typeof expires !== 'number') return null;
    return { show, id: String(id as string), expires, token: `pm_embed_${payload}.${key}` };
  } catch {
    return null;
  }
}
