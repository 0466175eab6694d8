/** The steps of an exported TypeScript workflow: runs, branches and loops in the order they are written. */
import type { CodeStep } from './agent-code.ts';
import { closing } from './code-text.ts';

export interface CodeText {
  source: string;
  masked: string;
  lineOf: (place: number) => number;
  /** Throws when there are more steps than anybody draws. */
  step: () => void;
}

const NEXT =
  /\b(?:(?:const|let|var)\s+(\w+)\s*=\s*await\s+)?\w*[Rr]unner\s*\.\s*run\s*\(\s*(\w+)|\b(if|while|return|throw)\b/g;
const DEEPEST = 50;
export const CONDITION_MAX_LENGTH = 2_000;

export function scriptSteps(code: CodeText): CodeStep[] {
  const entry = /\brunWorkflow\b[^\n]*\{/.exec(code.masked);
  const start = entry ? entry.index + entry[0].length - 1 : 0;
  return block(code, { start, end: entry ? closing(code.masked, start) : code.masked.length, depth: 0 });
}

function block(code: CodeText, { start, end, depth }: { start: number; end: number; depth: number }): CodeStep[] {
  const { source, masked, lineOf } = code;
  const steps: CodeStep[] = [];
  const inner = (from: number): { body: CodeStep[]; end: number } => {
    const open = /^\s*\{/.exec(masked.slice(from, from + 500));
    if (!open) {
      const semicolon = masked.indexOf(';', from);
      const stop = semicolon === -1 || semicolon > end ? end : semicolon + 1;
      return { body: block(code, { start: from, end: stop, depth: depth + 1 }), end: stop };
    }
    const stop = closing(masked, from + open[0].length - 1);
    return { body: block(code, { start: from + open[0].length, end: stop - 1, depth: depth + 1 }), end: stop };
  };
  if (depth > DEEPEST) return steps;
  const next = new RegExp(NEXT.source, 'g');
  next.lastIndex = start;
  for (let match = next.exec(masked); match && match.index < end; match = next.exec(masked)) {
    code.step();
    const line = lineOf(match.index);
    const [, result, agent, word] = match;
    if (agent !== undefined) steps.push({ kind: 'run', agent, result: (result ?? '').replace(/Temp$/, ''), line });
    else if (word === 'return') {
      // `return await withTrace(…, async () => {`: what is returned is the rest of the workflow.
      if (!/^\s*(?:await\s+)?(?:withTrace|runner|Runner)\b/.test(masked.slice(next.lastIndex, next.lastIndex + 100)))
        return [...steps, { kind: 'end' }];
    } else if (word === 'throw') return [...steps, { kind: 'end' }];
    else {
      const open = masked.indexOf('(', match.index);
      const close = closing(masked, open);
      const condition = source
        .slice(open + 1, close - 1)
        .trim()
        .slice(0, CONDITION_MAX_LENGTH);
      const first = inner(close);
      let after = first.end;
      if (word === 'while') steps.push({ kind: 'loop', condition, body: first.body, line });
      else {
        const cases = [{ condition, body: first.body }];
        let otherwise: CodeStep[] = [];
        for (;;) {
          const more = /^\s*else\b(\s*if\s*\()?/.exec(masked.slice(after, after + 500));
          if (!more) break;
          if (more[1] === undefined) {
            const rest = inner(after + more[0].length);
            otherwise = rest.body;
            after = rest.end;
            break;
          }
          const from = after + more[0].length - 1;
          const to = closing(masked, from);
          const another = inner(to);
          cases.push({
            condition: source
              .slice(from + 1, to - 1)
              .trim()
              .slice(0, CONDITION_MAX_LENGTH),
            body: another.body,
          });
          after = another.end;
        }
        steps.push({ kind: 'branch', cases, otherwise, line });
      }
      next.lastIndex = after;
    }
  }
  return steps;
}
