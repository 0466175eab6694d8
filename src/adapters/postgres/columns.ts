/** The column types of ours: JSON and text that are never refused, times as ISO-8601 in UTC, and bytes. */
import { customType } from 'drizzle-orm/pg-core';

/** JSON text that jsonb accepts: NUL and half surrogates, which PostgreSQL cannot hold, become U+FFFD. */
export function toJsonText(value: unknown): string {
  const written = JSON.stringify(value ?? null);
  // Both are written as an escape, in keys too; one behind an odd number of backslashes is text that looks like it.
  return UNSTORABLE.test(written)
    ? written.replaceAll(/(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/g, '$1\\ufffd')
    : written;
}

const UNSTORABLE = /\\u(?:0000|d[89a-f])/;

/** Text without NUL, which PostgreSQL cannot hold. */
export function storableText(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '\ufffd') : text;
}

export const json = customType<{ data: unknown; driverData: unknown }>({
  dataType: () => 'jsonb',
  toDriver: toJsonText,
});

export const text = customType<{ data: string; driverData: string }>({
  dataType: () => 'text',
  toDriver: storableText,
});

export const at = customType<{ data: string; driverData: string }>({
  dataType: () => 'timestamp with time zone',
  fromDriver: (value) => new Date(value).toISOString(),
});

export const bytes = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => 'bytea' });
