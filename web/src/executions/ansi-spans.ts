/** Splits a log line with terminal colours into plain pieces with a style; everything else a terminal would do is dropped. Pure. */
export interface AnsiSpan {
  text: string;
  /** 0–15 of the palette, or a css colour for 256 and true colour. */
  color: number | string | null;
  bold: boolean;
  dim: boolean;
  underline: boolean;
}
type Style = Omit<AnsiSpan, 'text'>;
const PLAIN: Style = { color: null, bold: false, dim: false, underline: false };

// oxlint-disable-next-line no-control-regex -- these are control sequences
const SEQUENCE =
  /\u001b\[([\d;:]*)([A-Za-z])|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b[PX^_][^\u001b]*(?:\u001b\\)?|\u001b[()#%*+].|\u001b[^[\]PX^_]?|[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

export function ansiSpans(line: string): AnsiSpan[] {
  if (!/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.test(line)) return [{ text: line, ...PLAIN }]; // oxlint-disable-line no-control-regex
  const spans: AnsiSpan[] = [];
  let style = PLAIN;
  let at = 0;
  const push = (text: string): void => {
    if (text !== '') spans.push({ text, ...style });
  };
  for (const match of line.matchAll(SEQUENCE)) {
    push(line.slice(at, match.index));
    at = match.index + match[0].length;
    if (match[2] === 'm') style = styled(style, match[1] ?? '');
  }
  push(line.slice(at));
  return spans;
}

/** The line as a person reads it. */
export function plainText(line: string): string {
  return ansiSpans(line)
    .map((span) => span.text)
    .join('');
}

function styled(style: Style, text: string): Style {
  const codes = text === '' ? [0] : text.split(/[;:]/).map(Number);
  let next = { ...style };
  for (let index = 0; index < codes.length; index += 1) {
    const code = codes[index] ?? 0;
    if (code === 0) next = { ...PLAIN };
    else if (code === 1) next.bold = true;
    else if (code === 2) next.dim = true;
    else if (code === 4) next.underline = true;
    else if (code === 22) next.bold = next.dim = false;
    else if (code === 24) next.underline = false;
    else if (code >= 30 && code <= 37) next.color = code - 30;
    else if (code >= 90 && code <= 97) next.color = code - 82;
    else if (code === 39) next.color = null;
    else if (code === 38 || code === 48) {
      const [kind, ...rest] = codes.slice(index + 1);
      if (kind === 5 && code === 38) next.color = indexed(rest[0] ?? 0);
      if (kind === 2 && code === 38) next.color = `rgb(${rest.slice(0, 3).map(channel).join(' ')})`;
      index += kind === 5 ? 2 : kind === 2 ? 4 : 0;
    }
  }
  return next;
}

function indexed(color: number): number | string {
  if (color < 16) return color;
  if (color >= 232)
    return `rgb(${Array(3)
      .fill(channel((color - 232) * 10 + 8))
      .join(' ')})`;
  const level = (part: number): number => (part === 0 ? 0 : part * 40 + 55);
  const cube = color - 16;
  return `rgb(${level(Math.floor(cube / 36))} ${level(Math.floor(cube / 6) % 6)} ${level(cube % 6)})`;
}

const channel = (value: number): number => Math.max(0, Math.min(255, Math.round(Number.isFinite(value) ? value : 0)));
