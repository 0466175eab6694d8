/** Colour for people: only on a terminal, and never against NO_COLOR. */

const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36 } as const;
export type Colour = keyof typeof CODES;
export type Paint = (colour: Colour, text: string) => string;

export function paintFor(stream: { isTTY?: boolean }, env: Readonly<Record<string, string | undefined>>): Paint {
  const coloured = stream.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  return (colour, text) => (coloured && text !== '' ? `\u001b[${CODES[colour]}m${text}\u001b[0m` : text);
}

/** The colour of a status of an agent, execution, step, task or check; the word itself always says the same. */
export function statusColour(status: string): Colour {
  if (/^(succeeded|ok|resolved|idle|ready)$/.test(status)) return 'green';
  if (/^(failed|crashed|auth_failed|timed_out)$/.test(status)) return 'red';
  if (/^(running|working|starting|delivering)$/.test(status)) return 'blue';
  if (
    /^(waiting|blocked|waiting_input|open|warning|paused|rate_limited|unknown|no_signal|delivery_unknown)$/.test(status)
  )
    return 'yellow';
  return 'dim';
}
