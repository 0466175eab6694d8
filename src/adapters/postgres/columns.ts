/** The two column types of ours: JSON that is never refused, and times as ISO-8601 in UTC. */
import { customType } from 'drizzle-orm/pg-core';

/** JSON text that jsonb accepts: NUL and half surrogates, which PostgreSQL cannot hold, become U+FFFD. */
export function toJsonText(value: unknown): string {
  const text = JSON.stringify(value ?? null, (_key, item: unknown) => (typeof item === 'string' ? item.toWellFormed() : item));
  return text.includes('\\u0000') ? text.replace(/(?<!\\)((?:\\\\)*)\\u0000/g, '$1\\ufffd') : text;
}

/** Text without NUL, which PostgreSQL cannot hold. */
export function storableText(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '\ufffd') : text;
}

export const json = customType<{ data: unknown; driverData: unknown }>({
  dataType: () => 'jsonb',
  toDriver: toJsonText,
});

export const at = customType<{ data: string; driverData: string }>({
  dataType: () => 'timestamp with time zone',
  fromDriver: (value) => new Date(value).toISOString(),
});
