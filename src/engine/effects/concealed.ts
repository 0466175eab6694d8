/** Takes the values of secrets out of what comes back from where they were sent: some servers repeat what they got. */

/** Shorter than any secret; hiding it would hide half of every text. */
const SHORTEST = 4;
const MARK = '***';

export interface Concealed {
  text(text: string): string;
  bytes(bytes: Uint8Array): Buffer;
}

export function concealed(values: readonly string[]): Concealed {
  const written = values
    .filter((value) => value.length >= SHORTEST)
    .flatMap((value) => [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value.toWellFormed())])
    .toSorted((a, b) => b.length - a.length);
  const inBytes = written.map((value) => Buffer.from(value).toString('latin1'));
  return {
    text: (text) => replaced(text, written),
    // Latin-1 keeps every byte, so nothing but the value changes, whatever the bytes are.
    bytes: (bytes) => Buffer.from(replaced(Buffer.from(bytes).toString('latin1'), inBytes), 'latin1'),
  };
}

function replaced(text: string, values: readonly string[]): string {
  return values.reduce((changed, value) => changed.replaceAll(value, MARK), text);
}
