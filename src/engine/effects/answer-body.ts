/** From the bytes of an answer to the JSON that a step's output holds. */

/** Deeper than anything people send, and far from where a program that walks through it gives up. */
const DEEPEST = 200;

/** JSON as what it says, text as text, anything else as `{ base64 }`; nothing as null. */
export function answerBody(contentType: string | undefined, bytes: Uint8Array): unknown {
  if (bytes.length === 0) return null;
  const text = asText(bytes);
  if (text === null) return { base64: Buffer.from(bytes).toString('base64') };
  if (!/^[^;]*[/+]json\s*(;|$)/i.test(contentType ?? '')) return text;
  try {
    const value: unknown = JSON.parse(text);
    return isDeeperThan(value, DEEPEST) ? text : value;
  } catch {
    return text; // it says that it is JSON, and is not
  }
}

function asText(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((item) => isDeeperThan(item, levels - 1));
}
