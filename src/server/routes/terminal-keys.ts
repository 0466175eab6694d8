/** Names of keys, as a person would say them, to the bytes a terminal sends. */
import { PointsmanError } from '../../contract/errors.ts';

const NAMED: Record<string, string> = {
  Enter: '\r',
  Tab: '\t',
  Escape: '\x1b',
  Esc: '\x1b',
  Space: ' ',
  Backspace: '\x7f',
  Delete: '\x1b[3~',
  Insert: '\x1b[2~',
  Up: '\x1b[A',
  Down: '\x1b[B',
  Right: '\x1b[C',
  Left: '\x1b[D',
  Home: '\x1b[H',
  End: '\x1b[F',
  PageUp: '\x1b[5~',
  PageDown: '\x1b[6~',
  'Shift-Tab': '\x1b[Z',
};

export function keyBytes(keys: readonly string[]): Uint8Array {
  return new TextEncoder().encode(keys.map((key, index) => bytesOf(key, index)).join(''));
}

function bytesOf(key: string, index: number): string {
  const named = NAMED[key];
  if (named !== undefined) return named;
  const control = /^(?:C|Ctrl|Control)-([a-z@[\\\]^_])$/i.exec(key)?.[1];
  if (control) return String.fromCharCode(control.toUpperCase().charCodeAt(0) & 0x1f);
  if (Array.from(key).length === 1) return key; // one code point
  throw new PointsmanError('INVALID_REQUEST', {
    detail: `“${key}” is not the name of a key.`,
    problems: [
      {
        path: `/keys/${index}`,
        code: 'UNKNOWN_KEY',
        message: `Use one of ${Object.keys(NAMED).join(', ')}, Ctrl-x, or a single character.`,
        severity: 'error',
      },
    ],
  });
}
