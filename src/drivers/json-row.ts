/** A row of JSON that another program wrote: what is not there, or not what it should be, is empty. Pure. */
export type Json = Record<string, unknown>;

export function jsonRow(line: string): Json {
  try {
    return object(JSON.parse(line));
  } catch {
    return {};
  }
}

export function object(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
