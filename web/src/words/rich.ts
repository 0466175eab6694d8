/** Words around elements: “Resolve them in {path}, then merge again.”, where `path` is a `<code>`. */
import { createElement, Fragment, type ReactNode } from 'react';
import { PLACE, t } from './words.ts';

export function rich(text: string, values: Record<string, ReactNode>): ReactNode {
  const parts: ReactNode[] = [];
  // Every second part is the name of a place.
  for (const [index, part] of t(text).split(PLACE).entries()) {
    const value = index % 2 === 1 ? values[part] : part;
    const before = parts.at(-1);
    // One text stays one node, as people select it and screen readers read it.
    if (isWords(value) && isWords(before)) parts[parts.length - 1] = `${before}${value}`;
    else if (value !== '') parts.push(value);
  }
  return createElement(Fragment, null, ...parts);
}

function isWords(part: ReactNode): part is string | number {
  return typeof part === 'string' || typeof part === 'number';
}
