/** A condition of another language – comparisons of ways and literals, joined by and, or, not – as CEL. Anything else is refused. */
import { celText } from '../foreign-template.ts';

const TOKEN =
  /\s*(?:("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(\d+(?:\.\d+)?)|(===|!==|==|!=|>=|<=|>|<|&&|\|\||!(?!=)|\(|\))|([A-Za-z_]\w*(?:\??\.[A-Za-z_]\w*|\[\s*(?:"[^"\\]*"|'[^'\\]*'|\d+)\s*\])*))/y;
const WORDS: Readonly<Record<string, string>> = {
  and: '&&',
  or: '||',
  not: '!',
  True: 'true',
  False: 'false',
  None: 'null',
  undefined: 'null',
  true: 'true',
  false: 'false',
  null: 'null',
};
const LONGEST = 2_000;

/** `resolve` says what a way (`result.output_parsed.kind`) is in CEL; nothing for one that is not known. */
export function translateCondition(source: string, resolve: (way: string) => string | undefined): string | undefined {
  const written = source.trim();
  if (written === '' || written.length > LONGEST) return undefined;
  const parts: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < written.length) {
    const match = TOKEN.exec(written);
    if (!match) return undefined;
    const [, quoted, number, operator, word] = match;
    if (quoted !== undefined) {
      if (quoted.includes('\\')) return undefined;
      parts.push(celText(quoted.slice(1, -1)));
    } else if (number !== undefined) parts.push(number);
    else if (operator !== undefined)
      parts.push(operator === '===' || operator === '!==' ? operator.slice(0, 2) : operator);
    else {
      // In Python it binds weaker than the comparison after it, here stronger.
      if (word === 'not' && !/^\s*\(/.test(written.slice(TOKEN.lastIndex, TOKEN.lastIndex + 50))) return undefined;
      const known = Object.hasOwn(WORDS, word ?? '') ? WORDS[word ?? ''] : resolve((word ?? '').replaceAll('?.', '.'));
      if (known === undefined) return undefined;
      parts.push(known);
    }
  }
  return parts.join(' ').replaceAll('! ', '!').replaceAll('( ', '(').replaceAll(' )', ')');
}
