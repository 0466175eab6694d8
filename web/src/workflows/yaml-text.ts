/** A JSON value as YAML a person reads, in the order it has; pure. Only ever produces YAML, so no YAML library is loaded. */

export function yamlText(value: unknown): string {
  return `${block(value, 0).replace(/^\n/, '')}\n`;
}

const WIDTH = 100;

function block(value: unknown, depth: number): string {
  const pad = '  '.repeat(depth);
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    return `\n${value.map((entry) => `${pad}- ${entryText(entry, depth + 1)}`).join('\n')}`;
  }
  if (isMap(value)) {
    const entries = Object.entries(value);
    if (entries.length === 0) return '{}';
    return `\n${entries.map(([key, child]) => `${pad}${scalar(key)}:${child === undefined ? '' : spaced(child, depth + 1)}`).join('\n')}`;
  }
  return typeof value === 'string' && value.includes('\n') ? literal(value, depth) : scalar(value);
}

function spaced(value: unknown, depth: number): string {
  const short = flow(value);
  if (typeof value === 'object' && value !== null && depth > 1 && short.length < WIDTH - depth * 2 - 20)
    return ` ${short}`;
  const text = block(value, depth);
  return text.startsWith('\n') ? text : ` ${text}`;
}

function entryText(entry: unknown, depth: number): string {
  const short = flow(entry);
  if (typeof entry !== 'object' || entry === null || short.length < WIDTH - depth * 2)
    return typeof entry === 'string' && entry.includes('\n') ? literal(entry, depth) : short;
  return block(entry, depth).replace(/^\n\s*/, '');
}

function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (isMap(value)) {
    const inner = Object.entries(value).map(([key, child]) => `${scalar(key)}: ${flow(child)}`);
    return inner.length === 0 ? '{}' : `{ ${inner.join(', ')} }`;
  }
  return scalar(value);
}

function literal(text: string, depth: number): string {
  // A block keeps lines as they are; what it cannot hold exactly is quoted.
  if (/^[ \n]|[^\P{C}\n]/u.test(text) || /\n{2,}$/.test(text)) return JSON.stringify(text);
  const lines = text.replace(/\n$/, '').split('\n');
  const pad = '  '.repeat(Math.max(1, depth));
  return `|${text.endsWith('\n') ? '' : '-'}\n${lines.map((line) => (line === '' ? '' : pad + line)).join('\n')}`;
}

function scalar(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value) ?? 'null';
  const plain =
    /^[A-Za-z_./][\w./ @+-]*$/.test(value) &&
    !/^(?:y|n|yes|no|true|false|null|on|off|nan|inf)$/i.test(value) &&
    !value.endsWith(' ') &&
    !/^\.(?:inf|nan)/i.test(value);
  return plain ? value : JSON.stringify(value);
}

const isMap = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
