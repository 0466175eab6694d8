/** The fingerprint of what a person is shown: an answer names it, so an answer to something else is refused. */
import { createHash } from 'node:crypto';

export function payloadHash(payload: unknown): string {
  return createHash('sha256').update(canonical(payload)).digest('hex');
}

/** JSON with sorted keys: the same value gives the same text, whatever way it was built. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    item !== null && typeof item === 'object' && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}
