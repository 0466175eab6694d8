/** How text gets into a generated rc file, and the private key by which a driver asks a shell for its line. */

/** One word for any POSIX shell; nothing in it is evaluated. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** No keyboard sends it: a function key with a private number and modifier. */
export const PROBE_KEY = '\u001b[5150;77~';
export const PROBE_KEY_ESCAPED = String.raw`\e[5150;77~`;

/** What a prompt shows as the agent's name: one line, nothing that a terminal would obey. */
export function inertName(name: string): string {
  return name
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '')
    .trim()
    .slice(0, 40)
    .toWellFormed();
}
