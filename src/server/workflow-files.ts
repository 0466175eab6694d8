/** Workflow files without a server: whether a document is valid, and whether its cases end as they say. Starts nothing. */
import type { Problem } from '../contract/problem.ts';
import { WorkflowCases, type WorkflowCase } from '../contract/workflow-cases.ts';
import type { WorkflowDocument } from '../contract/workflow-document.ts';
import { judgeCase } from '../domain/trial/judge-case.ts';
import { tryCase, type UnpinnedNode } from '../domain/trial/try-case.ts';
import { parseWorkflow, pointer } from '../domain/workflow/parse-workflow.ts';
import { pinProblems } from '../domain/workflow/pin-problems.ts';
import { validateInputs } from '../domain/workflow/validate-inputs.ts';
import { validateWorkflow } from '../domain/workflow/validate-workflow.ts';

/** Whether named agents, channels and workflows exist is not looked at: nobody here knows them. */
export function checkWorkflowText(text: string): { valid: boolean; problems: Problem[]; document?: WorkflowDocument } {
  return validateWorkflow(text);
}

export interface CaseResult {
  name: string;
  /** What is not as expected; empty when the case passed. */
  failures: string[];
  /** Where the case begins in its file. */
  line?: number;
}

export type CasesOutcome = { outcome: 'tried'; results: CaseResult[] } | { outcome: 'invalid'; problems: Problem[] };

/** `text` is the YAML or JSON of the cases; `only` is a part of the names of those that are meant. */
export function tryCases(document: WorkflowDocument, text: string, only?: string): CasesOutcome {
  const parsed = parseWorkflow(text);
  const read = WorkflowCases.safeParse(parsed.value);
  if (parsed.problems.length > 0) return { outcome: 'invalid', problems: parsed.problems };
  if (!read.success) {
    const problems = read.error.issues.map(({ path, message }): Problem => {
      const place = path.filter((part) => typeof part !== 'symbol');
      return { path: pointer(place), code: 'INVALID_VALUE', message, severity: 'error', ...parsed.locate(place) };
    });
    return { outcome: 'invalid', problems };
  }
  const { cases, ...common } = read.data;
  const results = cases.flatMap((one, index) =>
    only !== undefined && !one.name.includes(only)
      ? []
      : [{ name: one.name, failures: failuresOf(document, common, one), ...lineOf(parsed.locate(['cases', index])) }],
  );
  return { outcome: 'tried', results };
}

function lineOf({ line }: { line?: number }): { line?: number } {
  return line === undefined ? {} : { line };
}

function failuresOf(document: WorkflowDocument, common: Omit<WorkflowCases, 'cases'>, one: WorkflowCase): string[] {
  const pinned = { ...common.pinned, ...one.pinned };
  const checked = validateInputs(document, { ...common.inputs, ...one.inputs });
  const problems = [
    ...(checked.outcome === 'invalid'
      ? checked.problems.map((each) => ({ ...each, path: `/inputs${each.path}` }))
      : []),
    ...pinProblems(document, pinned),
    ...unknownNodes(document, one),
  ];
  if (checked.outcome === 'invalid' || problems.length > 0)
    return problems.map(({ path, message }) => `${path}: ${message}`);
  const trial = tryCase({ document, inputs: checked.inputs, pinned });
  if (trial.outcome === 'unpinned') return trial.nodes.map(pinIt);
  return judgeCase(trial.end, one.expect ?? {});
}

function pinIt({ nodeId, type }: UnpinnedNode): string {
  return `${nodeId} is reached and nothing is pinned to it (${type}). Add under pinned: ${nodeId}: { output: … } or { error: { code: … } }.`;
}

/** A misspelled node in what is expected would be a case that says nothing. */
function unknownNodes(document: WorkflowDocument, { expect: expected = {} }: WorkflowCase): Problem[] {
  const named = [
    ...(expected.path ?? []),
    ...Object.keys(expected.nodes ?? {}),
    ...Object.keys(expected.visits ?? {}),
    ...(expected.error?.node === undefined ? [] : [expected.error.node]),
  ];
  const known = new Set(document.nodes.map(({ id }) => id));
  return [...new Set(named)].flatMap((id): Problem[] =>
    known.has(id)
      ? []
      : [{ path: '/expect', code: 'UNKNOWN_NODE', message: `There is no node ${id}.`, severity: 'error' }],
  );
}
