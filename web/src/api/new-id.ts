/** A name nobody else has given: of a request that is sent once, of a desk. */

const BYTES = 16;

/** Random hex. Not `crypto.randomUUID`: browsers have that on https and loopback alone. */
export function newId(): string {
  return [...crypto.getRandomValues(new Uint8Array(BYTES))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
