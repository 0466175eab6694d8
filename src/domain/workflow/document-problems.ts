// Collects the problems of a document and gives each its place; stops at a number that nobody reads any more.
import type { WorkflowProblem } from '../../contract/workflow-document.ts';
import { type JsonPath, type ParsedWorkflow, pointer } from './parse-workflow.ts';

const PROBLEMS_MAX = 200;

export interface ProblemReport {
  path: JsonPath;
  code: string;
  message: string;
  severity?: 'error' | 'warning';
  /** Where in the text at the path. */
  offset?: number;
}

export class DocumentProblems {
  readonly #parsed: ParsedWorkflow;
  readonly #problems: WorkflowProblem[] = [];
  readonly #nodeIds: (index: number) => string | undefined;

  constructor(parsed: ParsedWorkflow, nodeIds: (index: number) => string | undefined) {
    this.#parsed = parsed;
    this.#nodeIds = nodeIds;
    this.#problems.push(...parsed.problems);
  }

  add({ path, code, message, severity = 'error', offset = 0 }: ProblemReport): void {
    if (this.#problems.length >= PROBLEMS_MAX) return;
    const nodeId = path[0] === 'nodes' && typeof path[1] === 'number' ? this.#nodeIds(path[1]) : undefined;
    const place = this.#parsed.locate(path, code === 'UNKNOWN_FIELD' ? 'name' : offset);
    this.#problems.push({
      path: pointer(path),
      code,
      message,
      severity,
      ...(nodeId === undefined ? {} : { nodeId }),
      ...place,
    });
  }

  /** Errors first, in the order of the text. */
  list(): WorkflowProblem[] {
    const order = ({ severity, line }: WorkflowProblem) => (severity === 'error' ? 0 : 1_000_000_000) + (line ?? 0);
    return this.#problems.toSorted((left, right) => order(left) - order(right));
  }
}
