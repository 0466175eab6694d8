/** Finds the words of the web app in its source: those that can be translated, and those that people see and that cannot. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseAst } from 'rolldown/parseAst';

/** Functions of `web/src/words`, whose first argument is the text. */
const TEXTS = new Set(['t', 'rich']);
/** What is written in these is the same in every language. */
const LITERAL = new Set(['code', 'kbd', 'pre', 'samp']);
const SPOKEN = new Set(['alt', 'aria-label', 'label', 'lead', 'placeholder', 'title', 'titleText']);
const IS_WORD = /\p{L}{2}/u;
/** Values as one types them, not words about them: `NAME`, `http://localhost:8501`. */
const IS_VALUE = /^[A-Z_]+$|^\S+:\/\/\S+$/;

/**
 * @typedef {{ file: string, line: number, text: string }} Place
 * @param {string} directory Of the sources.
 * @returns {{ words: string[], plurals: string[], bare: Place[], hidden: Place[] }} `bare`: seen and in no call;
 *   `hidden`: calls whose text is not written out, so that nobody can collect it.
 */
export function collectWords(directory) {
  const words = new Set();
  const plurals = new Set();
  const bare = [];
  const hidden = [];
  for (const file of globSync('**/*.{ts,tsx}', { cwd: directory })) {
    if (/\.test\.|^words\//.test(file)) continue;
    const source = readFileSync(path.join(directory, file), 'utf8');
    const place = (node, text) => ({ file, line: source.slice(0, node.start).split('\n').length, text });
    walk(parseAst(source, { lang: file.endsWith('x') ? 'tsx' : 'ts' }), (node, within) => {
      if (
        node.type === 'JSXText' &&
        !within.some((one) => LITERAL.has(one)) &&
        IS_WORD.test(node.value) &&
        !IS_VALUE.test(node.value.trim())
      )
        bare.push(place(node, node.value.trim()));
      if (node.type === 'JSXAttribute' && SPOKEN.has(node.name.name)) {
        const text = node.value?.type === 'Literal' ? node.value.value : '';
        if (IS_WORD.test(text) && !IS_VALUE.test(text)) bare.push(place(node, text));
      }
      if (node.type !== 'CallExpression') return;
      const [first, second] = node.arguments;
      if (TEXTS.has(node.callee.name)) {
        const text = textOf(first);
        if (text === null) hidden.push(place(node, source.slice(node.start, node.end)));
        else words.add(text);
      } else if (node.callee.name === 'plural') {
        const [one, many] = [textOf(second), node.arguments[2] ? textOf(node.arguments[2]) : undefined];
        if (one === null || many === null) hidden.push(place(node, source.slice(node.start, node.end)));
        else plurals.add(`${one}|${many ?? `${one}s`}`);
      }
    });
  }
  return { words: [...words].toSorted(inOrder), plurals: [...plurals].toSorted(inOrder), bare, hidden };
}

function textOf(node) {
  return node?.type === 'Literal' && typeof node.value === 'string' ? node.value : null;
}

/** Calls `visit` with each node and the names of the elements that it stands in. */
function walk(node, visit, within = []) {
  if (Array.isArray(node)) {
    for (const one of node) walk(one, visit, within);
    return;
  }
  if (node === null || typeof node !== 'object' || typeof node.type !== 'string') return;
  visit(node, within);
  const inside = node.type === 'JSXElement' ? [...within, node.openingElement.name.name] : within;
  for (const value of Object.values(node)) if (value !== null && typeof value === 'object') walk(value, visit, inside);
}

function inOrder(one, other) {
  return one < other ? -1 : 1;
}
