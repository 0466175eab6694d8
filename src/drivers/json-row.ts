/** JSON that another program wrote: what is not there, or not what it should be, is empty. Pure. */
export type Json = Record<string, unknown>;

export function jsonRow(line: string): Json {
  return jsonObject(line) ?? {};
}

/** Null for a line that is no JSON object. */
export function jsonObject(line: string): Json | null {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function object(value: unknown): Json {
  return isObject(value) ? value : {};
}

export function objectIn(holder: Json, name: string): Json {
  return object(holder[name]);
}

export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Those members of a list that are objects. */
export function objects(value: unknown): Json[] {
  return list(value).filter(isObject);
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
