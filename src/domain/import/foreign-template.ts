/** Text of another tool with `{{ }}` in it as text of ours. What cannot be translated stays as words that do nothing. */

/** Translates what stands between the braces to CEL; nothing when that is not certain. */
export type Translate = (expression: string) => string | undefined;

export interface TranslatedText {
  text: string;
  /** As CEL, where the text is exactly one expression. */
  whole?: string;
  /** Expressions that were left as words. */
  left: string[];
}

/** Says exactly this, whatever it holds: neither a template nor the name of a secret. */
export function literal(text: string): string {
  const inert = text.replaceAll('{{', "{{ '{{' }}");
  return inert.startsWith('secret:') ? `{{ 'secret:' }}${inert.slice('secret:'.length)}` : inert;
}

export function translateText(source: string, translate: Translate): TranslatedText {
  const parts: string[] = [];
  const left: string[] = [];
  let whole: string | undefined;
  let first = true;
  for (let position = 0; position < source.length;) {
    const open = source.indexOf('{{', position);
    const close = open === -1 ? -1 : source.indexOf('}}', open);
    if (close === -1) {
      parts.push(first ? literal(source.slice(position)) : literalInside(source.slice(position)));
      break;
    }
    if (open > position)
      parts.push(first ? literal(source.slice(position, open)) : literalInside(source.slice(position, open)));
    const inner = source.slice(open + 2, close).trim();
    const expression = translate(inner);
    if (expression === undefined) {
      left.push(inner);
      parts.push(literalInside(source.slice(open, close + 2)));
    } else {
      parts.push(`{{ ${expression} }}`);
      if (open === 0 && close + 2 === source.length) whole = expression;
    }
    position = close + 2;
    first = false;
  }
  return { text: parts.join(''), ...(whole === undefined ? {} : { whole }), left };
}

/** The same text as one CEL expression. */
export function translateToExpression(source: string, translate: Translate): { value: string; left: string[] } {
  const { text, whole, left } = translateText(source, translate);
  if (whole !== undefined) return { value: whole, left };
  if (left.length > 0 || !source.includes('{{')) return { value: celText(source), left };
  const parts = text
    .split(/(\{\{ [\s\S]*? \}\})/)
    .filter((part) => part !== '')
    .map((part) => (part.startsWith('{{ ') ? `string(${part.slice(3, -3)})` : celText(part)));
  return { value: parts.join(' + '), left };
}

/** A text as CEL writes it. */
export function celText(text: string): string {
  return JSON.stringify(text).replaceAll(/[\u007f-\u009f\u2028\u2029\ud800-\udfff]/g, (character) =>
    /[\ud800-\udfff]/.test(character) ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** `.a["b c"][0]` as CEL, from the way a script reads it; nothing when it is more than a way. */
export function celPath(path: string): string | undefined {
  let rest = path.trim();
  let result = '';
  while (rest !== '') {
    const named = /^\.\s*([A-Za-z_]\w*)/.exec(rest);
    const quoted = /^\[\s*(?:"([^"\\]*)"|'([^'\\]*)')\s*\]/.exec(rest);
    const numbered = /^\[\s*(\d{1,6})\s*\]/.exec(rest);
    const match = named ?? quoted ?? numbered;
    if (!match) return undefined;
    if (named) result += RESERVED.test(named[1] ?? '') ? `[${celText(named[1] ?? '')}]` : `.${named[1]}`;
    else if (numbered) result += `[${numbered[1]}]`;
    else result += `[${celText(quoted?.[1] ?? quoted?.[2] ?? '')}]`;
    rest = rest.slice(match[0].length);
  }
  return result;
}

const RESERVED =
  /^(?:as|break|const|continue|else|false|for|function|if|import|in|let|loop|package|namespace|null|return|true|var|void|while)$/;

function literalInside(text: string): string {
  return text.replaceAll('{{', "{{ '{{' }}");
}
