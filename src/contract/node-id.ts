/** What an id of a node, an input or a map variable may be: CEL must be able to say `nodes.ID`. Also for browsers. */
export const identifierPattern = /^[A-Za-z_][A-Za-z0-9_]*$/;
export const IDENTIFIER_MAX_LENGTH = 64;

/** Words that CEL keeps for itself: they parse as something else, or not at all. */
export const celReservedWords: readonly string[] = [
  'as',
  'break',
  'const',
  'continue',
  'else',
  'false',
  'for',
  'function',
  'if',
  'import',
  'in',
  'let',
  'loop',
  'namespace',
  'null',
  'package',
  'prototype',
  'return',
  'true',
  'var',
  'void',
  'while',
  '__proto__',
  'constructor',
];
