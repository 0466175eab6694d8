/** Which problem belongs to which node, edge and field; pure. */
import type { Problem } from '../../../src/contract/problem.ts';

export interface ProblemCount {
  errors: number;
  warnings: number;
}

export function countByNode(problems: readonly Problem[]): ReadonlyMap<string, ProblemCount> {
  const counts = new Map<string, ProblemCount>();
  for (const { nodeId, severity } of problems) {
    if (nodeId === undefined) continue;
    const { errors, warnings } = counts.get(nodeId) ?? { errors: 0, warnings: 0 };
    counts.set(nodeId, severity === 'error' ? { errors: errors + 1, warnings } : { errors, warnings: warnings + 1 });
  }
  return counts;
}

/** Indices of edges that have an error. */
export function edgesWithErrors(problems: readonly Problem[]): ReadonlySet<number> {
  return new Set(
    problems.flatMap(({ path, severity }) => {
      const index = /^\/edges\/(\d+)(?:\/|$)/.exec(path)?.[1];
      return index !== undefined && severity === 'error' ? [Number(index)] : [];
    }),
  );
}

/** Those at this place or below it. */
export function problemsAt(problems: readonly Problem[], place: string): Problem[] {
  return problems.filter(({ path }) => path === place || path.startsWith(`${place}/`));
}

/** Those of a node, an edge or the document that no field of it shows: at the thing itself, or where nothing is drawn. */
export function problemsBeside(problems: readonly Problem[], place: string, shown: readonly string[]): Problem[] {
  return problemsAt(problems, place).filter(
    ({ path }) => !shown.some((field) => path === field || path.startsWith(`${field}/`)),
  );
}

/** What to select to see the place: the key of a node or an edge; null for the document. */
export function keyForProblem(problem: Problem): string | null {
  const edge = /^\/edges\/(\d+)/.exec(problem.path)?.[1];
  if (edge !== undefined) return `edge:${edge}`;
  return problem.nodeId === undefined ? null : `node:${problem.nodeId}`;
}
