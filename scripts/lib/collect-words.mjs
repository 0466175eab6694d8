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
/** Values as one types them, not words about them: `NAME`, `http://localhost:8501`, lines of an environment. */
const IS_VALUE = /^[A-Z_]+$|^\S+:\/\/\S+$|^([A-Z_]+=\S+\n?)+$/;

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
      for (const shown of shownBy(node, within))
        for (const one of shownLiterals(shown))
          if (IS_WORD.test(one.value) && !IS_VALUE.test(one.value)) bare.push(place(one, one.value));
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

/** What people see of a node itself: its children, or the attribute that is read to them. */
function shownBy(node, within) {
  if (node.type === 'JSXAttribute') return SPOKEN.has(node.name.name) && node.value ? [node.value] : [];
  if (node.type !== 'JSXElement' && node.type !== 'JSXFragment') return [];
  const name = node.openingElement?.name.name;
  return [name, ...within].some((one) => LITERAL.has(one)) ? [] : node.children;
}

/** The texts that this may be: of its branches, its parts, and what is looked up in an object written on the spot. */
function shownLiterals(node) {
  switch (node.type) {
    case 'JSXText':
      return [{ ...node, value: node.value.trim() }];
    case 'JSXExpressionContainer':
      return shownLiterals(node.expression);
    case 'Literal':
      return typeof node.value === 'string' ? [node] : [];
    case 'ConditionalExpression':
      return [node.consequent, node.alternate].flatMap(shownLiterals);
    case 'LogicalExpression':
      return [node.left, node.right].flatMap(shownLiterals);
    case 'BinaryExpression':
      return node.operator === '+' ? [node.left, node.right].flatMap(shownLiterals) : [];
    case 'ParenthesizedExpression':
      return shownLiterals(node.expression);
    case 'TemplateLiteral':
      return [
        ...node.quasis.map(({ start, end, value }) => ({ start, end, value: value.raw })),
        ...node.expressions.flatMap(shownLiterals),
      ];
    case 'MemberExpression':
      return node.object.type === 'ObjectExpression'
        ? node.object.properties.flatMap(({ value }) => (value ? shownLiterals(value) : []))
        : [];
    default:
      return [];
  }
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
