/** Code as text: what stands in quotes and comments is blanked, so that brackets and words can be looked for. */

/** The same length, line for line. */
export function maskCode(source: string, python: boolean): string {
  const out: string[] = [];
  for (let place = 0; place < source.length;) {
    const end = python ? pythonSkip(source, place) : scriptSkip(source, place);
    if (end === place) out.push(source[place++] ?? '');
    else {
      out.push(source.slice(place, end).replaceAll(/[^\n]/g, ' '));
      place = end;
    }
  }
  return out.join('');
}

/** The text of the literal that begins here; nothing when none does. */
export function stringAt(source: string, from: number, python: boolean): string | undefined {
  let place = from;
  while (/\s/.test(source[place] ?? '') || (python && source[place] === '(')) place++;
  if (python && /[fFrRbB]/.test(source[place] ?? '') && /["']/.test(source[place + 1] ?? '')) place++;
  const end = python ? pythonSkip(source, place) : scriptSkip(source, place);
  const quote = source[place] ?? '';
  if (end === place || !/["'`]/.test(quote)) return undefined;
  const width = python && source.startsWith(quote.repeat(3), place) ? 3 : 1;
  return unescaped(source.slice(place + width, end - width));
}

/** The place after the bracket that closes the one at `open`. */
export function closing(masked: string, open: number): number {
  let depth = 0;
  for (let place = open; place < masked.length; place++) {
    const character = masked[place] ?? '';
    if ('([{'.includes(character)) depth++;
    else if (')]}'.includes(character) && --depth === 0) return place + 1;
  }
  return masked.length;
}

function scriptSkip(source: string, place: number): number {
  const character = source[place] ?? '';
  if (character === '/' && source[place + 1] === '/') return lineEnd(source, place);
  if (character === '/' && source[place + 1] === '*') {
    const end = source.indexOf('*/', place + 2);
    return end === -1 ? source.length : end + 2;
  }
  return character === '"' || character === "'" || character === '`' ? quoteEnd(source, place, character) : place;
}

function pythonSkip(source: string, place: number): number {
  const character = source[place] ?? '';
  if (character === '#') return lineEnd(source, place);
  if (character !== '"' && character !== "'") return place;
  const triple = character.repeat(3);
  return quoteEnd(source, place, source.startsWith(triple, place) ? triple : character);
}

function lineEnd(source: string, place: number): number {
  const end = source.indexOf('\n', place);
  return end === -1 ? source.length : end;
}

function quoteEnd(source: string, place: number, quote: string): number {
  for (let at = place + quote.length; at < source.length; at++) {
    if (source[at] === '\\') at++;
    else if (source.startsWith(quote, at)) return at + quote.length;
    else if (source[at] === '\n' && quote.length === 1 && quote !== '`') return at;
  }
  return source.length;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '' };

function unescaped(text: string): string {
  return text.replaceAll(/\\([\s\S])/g, (_match, character: string) => ESCAPES[character] ?? character);
}
