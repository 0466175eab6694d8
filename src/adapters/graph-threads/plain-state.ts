/** A graph's final state as the JSON that a step's output holds; what JSON cannot say is refused instead of lost. */

/** An output is state, and state is read at every step. */
const MAX_BYTES = 1024 * 1024;
const DEEPEST = 200;

export type PlainState = { outcome: 'plain'; value: unknown } | { outcome: 'refused'; reason: string };

export function plainState(state: unknown): PlainState {
  try {
    const value = plain(state, '', []);
    const bytes = Buffer.byteLength(JSON.stringify(value) ?? 'null');
    if (bytes > MAX_BYTES)
      return { outcome: 'refused', reason: `The final state has ${bytes} bytes; at most ${MAX_BYTES} can be kept.` };
    return { outcome: 'plain', value: value ?? null };
  } catch (error) {
    if (error instanceof NotPlain) return { outcome: 'refused', reason: error.message };
    throw error;
  }
}

class NotPlain extends Error {
  constructor(place: string, what: string) {
    super(`The final state is no JSON: ${place === '' ? 'it' : place} is ${what}.`);
  }
}

/** `above`: the objects it lies in. */
function plain(value: unknown, place: string, above: readonly object[]): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'undefined':
      return value;
    case 'number':
      if (Number.isFinite(value)) return value;
      throw new NotPlain(place, String(value));
    case 'object':
      break;
    default:
      throw new NotPlain(place, `a ${typeof value}`);
  }
  if (value === null) return null;
  if (above.includes(value)) throw new NotPlain(place, 'within itself');
  if (above.length >= DEEPEST) throw new NotPlain(place, `deeper than ${DEEPEST} levels`);
  const within = [...above, value];
  if (Array.isArray(value)) return value.map((item, index) => plain(item, `${place}[${index}]`, within) ?? null);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  const message = asMessage(value);
  if (message) return fields(message, place, within);
  const prototype = Object.getPrototypeOf(value) as { constructor?: { name?: string } } | null;
  if (prototype === null || Object.getPrototypeOf(prototype) === null) return fields(value, place, within);
  throw new NotPlain(place, `a ${prototype.constructor?.name || 'value with a class of its own'}`);
}

function fields(value: object, place: string, within: readonly object[]): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, plain(item, place === '' ? name : `${place}.${name}`, within)]),
  );
}

/** Messages of LangChain, whichever copy of it made them: what they say, without how they are stored. */
function asMessage(value: object): Record<string, unknown> | null {
  const { content, getType, name, id, tool_calls, tool_call_id } = value as Record<string, unknown>;
  if (typeof getType !== 'function' || content === undefined) return null;
  return {
    type: (value as { getType: () => string }).getType(),
    content,
    ...(name === undefined ? {} : { name }),
    ...(id === undefined ? {} : { id }),
    ...(Array.isArray(tool_calls) && tool_calls.length > 0 ? { tool_calls } : {}),
    ...(tool_call_id === undefined ? {} : { tool_call_id }),
  };
}
