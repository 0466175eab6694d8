/** The steps of an exported Python workflow; the indentation says what belongs together. */
import type { CodeStep } from './agent-code.ts';
import { type CodeText, CONDITION_MAX_LENGTH } from './agent-code-script.ts';

interface Line {
  indent: number;
  /** Without quotes' contents. */
  masked: string;
  source: string;
  line: number;
}

export function pythonSteps(code: CodeText): CodeStep[] {
  const lines = logicalLines(code);
  const start = lines.findIndex(({ masked }) => /\bdef run_workflow\b/.test(masked));
  const body = start === -1 ? lines : lines.slice(start + 1);
  const first = start === -1 ? 0 : (lines[start]?.indent ?? 0);
  const end = start === -1 ? -1 : body.findIndex(({ indent }) => indent <= first);
  return block(code, end === -1 ? body : body.slice(0, end), { from: 0, to: end === -1 ? body.length : end });
}

/** A line goes on while a bracket is open. */
function logicalLines({ source, masked, lineOf }: CodeText): Line[] {
  const lines: Line[] = [];
  let depth = 0;
  let start = 0;
  for (let place = 0; place <= masked.length; place++) {
    const character = masked[place] ?? '\n';
    if ('([{'.includes(character)) depth++;
    else if (')]}'.includes(character)) depth = Math.max(0, depth - 1);
    if (character !== '\n' || (depth > 0 && place < masked.length)) continue;
    const text = masked.slice(start, place);
    if (text.trim() !== '') {
      const indent = text.length - text.trimStart().length;
      lines.push({ indent, masked: text.trim(), source: source.slice(start, place).trim(), line: lineOf(start) });
    }
    start = place + 1;
  }
  return lines;
}

function block(code: CodeText, lines: readonly Line[], { from, to }: { from: number; to: number }): CodeStep[] {
  const steps: CodeStep[] = [];
  const bodyEnd = (index: number): number => {
    const { indent } = lines[index] as Line; // within the range
    let end = index + 1;
    while (end < to && (lines[end]?.indent ?? 0) > indent) end++;
    return end;
  };
  for (let index = from; index < to;) {
    code.step();
    const { masked, source, line } = lines[index] as Line; // within the range
    const run = /(?:^(\w+)\s*=\s*)?(?:await\s+)?\b[Rr]unner\s*\.\s*run\s*\(\s*(?:starting_agent\s*=\s*)?(\w+)/.exec(
      masked,
    );
    const word = /^(if|while|with|for|return|raise|try)\b/.exec(masked)?.[1];
    if (word === 'return' && run) {
      steps.push({ kind: 'run', agent: run[2] ?? '', result: '', line });
      return [...steps, { kind: 'end' }];
    }
    if (word === 'return' || word === 'raise') return [...steps, { kind: 'end' }];
    if (word === 'with' || word === 'try' || word === 'for') {
      const end = bodyEnd(index);
      steps.push(...block(code, lines, { from: index + 1, to: end }));
      index = end;
    } else if (word === 'while' || word === 'if') {
      let end = bodyEnd(index);
      const body = block(code, lines, { from: index + 1, to: end });
      const condition = conditionOf(source);
      if (word === 'while') steps.push({ kind: 'loop', condition, body, line });
      else {
        const cases = [{ condition, body }];
        let otherwise: CodeStep[] = [];
        while (end < to && /^(?:elif|else)\b/.test(lines[end]?.masked ?? '')) {
          const next = lines[end] as Line; // as the loop says
          const stop = bodyEnd(end);
          const inner = block(code, lines, { from: end + 1, to: stop });
          if (next.masked.startsWith('elif')) cases.push({ condition: conditionOf(next.source), body: inner });
          else otherwise = inner;
          end = stop;
        }
        steps.push({ kind: 'branch', cases, otherwise, line });
      }
      index = end;
    } else {
      if (run) steps.push({ kind: 'run', agent: run[2] ?? '', result: (run[1] ?? '').replace(/_temp$/, ''), line });
      index++;
    }
  }
  return steps;
}

/** What stands between the word in front and the colon. */
function conditionOf(line: string): string {
  return line
    .replace(/^\w+\s*/, '')
    .slice(0, CONDITION_MAX_LENGTH)
    .replace(/:[^:]*$/, '');
}
