/** Splits code into words of a few kinds, enough to read a command, JSON or a snippet; every character stays. Pure. */

export type CodeKind = 'plain' | 'string' | 'number' | 'comment' | 'word' | 'key' | 'option' | 'variable';
export type CodeLanguage = 'shell' | 'json' | 'code';

export interface CodePart {
  kind: CodeKind;
  text: string;
}

/** Longer texts are shown plain: nobody reads their colours, and the browser would feel them. */
const MOST_CHARACTERS = 20_000;

// Each repetition is bounded: an agent that writes 20 000 quotes must not hold up who reads them.
type Rule = [kind: CodeKind, pattern: string];

const STRINGS = String.raw`"(?:[^"\\\n]|\\.){0,400}"|'(?:[^'\\\n]|\\.){0,400}'`;
const NUMBERS = String.raw`(?<![\w.-])-?\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])`;

const RULES: Record<CodeLanguage, Rule[]> = {
  shell: [
    ['comment', String.raw`(?<![^\s])#[^\n]*`],
    ['string', String.raw`"(?:[^"\\]|\\[^]){0,400}"|'[^']{0,400}'`],
    ['variable', String.raw`\$(?:\w+|\{[^}\n]{0,100}\})`],
    ['option', String.raw`(?<![^\s=])--?[A-Za-z][\w-]*`],
    [
      'word',
      String.raw`(?<![\w./-])(?:if|then|else|elif|fi|for|in|do|done|while|case|esac|function|export|sudo)(?![\w./-])|&&|\|\|?|;|>>?|<<?`,
    ],
    ['number', NUMBERS],
  ],
  json: [
    ['key', String.raw`"(?:[^"\\\n]|\\.){0,400}"(?=\s{0,9}:)`],
    ['string', String.raw`"(?:[^"\\\n]|\\.){0,400}"`],
    ['word', String.raw`\b(?:true|false|null)\b`],
    ['number', NUMBERS],
  ],
  code: [
    ['comment', String.raw`\/\/[^\n]*|\/\*[^]{0,800}?\*\/|(?<![^\s])#(?!\w*\[)[^\n]*|(?<![^\s])--\s[^\n]*`],
    ['string', `${STRINGS}|${'`'}(?:[^${'`'}\\\\]|\\\\[^]){0,400}${'`'}`],
    [
      'word',
      String.raw`\b(?:async|await|break|case|catch|class|const|continue|def|default|delete|do|elif|else|enum|except|export|extends|false|finally|fn|for|from|func|function|if|impl|implements|import|in|interface|is|let|match|mut|new|nil|None|not|null|or|package|pass|private|protected|pub|public|raise|return|self|static|struct|super|switch|this|throw|throws|trait|true|True|False|try|type|typeof|undefined|use|var|void|while|with|yield)\b`,
    ],
    ['number', NUMBERS],
  ],
};

export function highlighted(text: string, language: CodeLanguage): CodePart[] {
  if (text.length > MOST_CHARACTERS) return [{ kind: 'plain', text }];
  const rules = RULES[language];
  const pattern = new RegExp(rules.map(([, source]) => `(${source})`).join('|'), 'g');
  const parts: CodePart[] = [];
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    if (match[0] === '') continue;
    if (match.index > at) parts.push({ kind: 'plain', text: text.slice(at, match.index) });
    const rule = match.slice(1).findIndex((group) => group !== undefined);
    parts.push({ kind: rules[rule]?.[0] ?? 'plain', text: match[0] });
    at = match.index + match[0].length;
  }
  if (at < text.length) parts.push({ kind: 'plain', text: text.slice(at) });
  return parts;
}
