/** Reads what a document of any shape says, a draft's too: what is not there, or something else, is empty. */

export type Fields = Readonly<Record<string, unknown>>;

export function fields(value: unknown): Fields {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Fields) : {};
}

/** `alsoOne`: what is no list is a list of it. */
export function items(value: unknown, alsoOne = false): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : alsoOne && value !== undefined ? [value] : [];
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Texts as they are, anything else as JSON. */
export function shown(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

export function without(value: unknown, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields(value)).filter(([name]) => !names.includes(name)));
}
