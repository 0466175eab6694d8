/** A document out of YAML or JSON text; a chunk of its own, because only whoever writes text needs the parser. */
import { LineCounter, parseDocument } from 'yaml';
import type { Problem } from '../../../src/contract/problem.ts';
import { type Doc, isPart } from './document.ts';
import { t } from '../words/words.ts';

export type ReadYaml = { outcome: 'document'; document: Doc } | { outcome: 'problem'; problem: Problem };

/** Each alias copies what it stands for; so many of them are an attack on memory, not a workflow. */
const ALIASES_MAX = 100;

export function readYaml(text: string): ReadYaml {
  const counter = new LineCounter();
  const read = parseDocument(text, { lineCounter: counter, prettyErrors: false });
  const [error] = read.errors;
  if (error) {
    const { line, col } = counter.linePos(error.pos[0]);
    return problem(error.message, line, col);
  }
  try {
    const value: unknown = read.toJS({ maxAliasCount: ALIASES_MAX });
    // Through JSON: what it cannot say, such as a date or a key that is a list, is no document either.
    const document: unknown = JSON.parse(JSON.stringify(value ?? {}));
    return isPart(document) ? { outcome: 'document', document } : problem(t('A document is a map.'), 1, 1);
  } catch (cause) {
    return problem(cause instanceof Error ? cause.message : String(cause), 1, 1);
  }
}

function problem(message: string, line: number, column: number): ReadYaml {
  return { outcome: 'problem', problem: { path: '', code: 'YAML', message, severity: 'error', line, column } };
}
