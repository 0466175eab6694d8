// Decides the out-edges of a node that ended: live, dead, broken or poisoned (rules 2, 5, 8, 10 and 16). Changes nothing.
import type { StepError } from '../../contract/executions.ts';
import type { PlanEdge, PlanNode } from '../workflow/plan.ts';
import type { Draft } from './draft.ts';
import type { EdgeOutcome, NodeResult } from './execution-state.ts';
import { evaluate } from './visible-names.ts';

export interface EdgeDecisions {
  /** In the order of the node's out-edges. */
  outcomes: EdgeOutcome[];
  /** Why an edge is poisoned, by edge index. */
  errors: Map<number, StepError>;
  handled: boolean;
  /** A loop edge would have been taken if its `max` were not spent, and nothing else is live. */
  exhausted: boolean;
}

export function decideEdges(draft: Draft, node: PlanNode, result: NodeResult): EdgeDecisions {
  const none: EdgeDecisions = { outcomes: [], errors: new Map(), handled: true, exhausted: false };
  if (result.status === 'skipped' || result.status === 'cancelled') {
    const outcome = result.reason === 'upstream_failed' ? 'broken' : 'dead';
    return { ...none, outcomes: node.outgoing.map(() => outcome) };
  }
  const failed = result.status === 'failed';
  const continues = failed && node.task.onError === 'continue';
  const choices = chooseEdges(draft, node, result, failed, continues);
  const caught = choices.some(({ edge, live }) => live && edge.on !== 'success');
  const handled = !failed || continues || caught;
  const outcomes = choices.map(({ live, error }): EdgeOutcome => {
    if (error) return 'poisoned';
    if (live) return 'live';
    return handled ? 'dead' : 'broken';
  });
  const errors = new Map(choices.flatMap(({ edge, error }) => (error ? [[edge.index, error] as const] : [])));
  const moved = choices.some(({ live, error }) => live || error !== undefined);
  return { outcomes, errors, handled, exhausted: !failed && !moved && choices.some(({ spent }) => spent) };
}

interface Choice {
  edge: PlanEdge;
  live: boolean;
  spent: boolean;
  error?: StepError;
}

function chooseEdges(draft: Draft, node: PlanNode, result: NodeResult, failed: boolean, continues: boolean): Choice[] {
  const edges = node.outgoing.map((index) => draft.plan.edges[index] as PlanEdge); // the plan's own indexes
  const error = failed && result.error ? { ...result.error, nodeId: node.id, ...outputOf(result) } : undefined;
  const wentLive = new Set<string>();
  const choices = edges.map((edge): Choice => {
    const matches = edge.on === 'any' || (edge.on === 'error' ? failed : !failed || continues);
    const choice: Choice = { edge, live: matches && !edge.otherwise, spent: false };
    if (!choice.live) return choice;
    if (edge.when) {
      const value = evaluate(draft, edge.when, { error });
      choice.live = value.outcome === 'value' && value.value === true;
      if (value.outcome === 'failed')
        choice.error = {
          ...value.error,
          message: `The condition of the edge ${edge.from} → ${edge.to} failed: ${value.error.message}`,
        };
      else if (typeof value.value !== 'boolean') choice.error = notBoolean(edge, value.value);
    }
    spend(draft, choice);
    if (edge.when && choice.live) wentLive.add(edge.on);
    return choice;
  });
  for (const choice of choices) {
    const { edge } = choice;
    const matches = edge.on === 'any' || (edge.on === 'error' ? failed : !failed || continues);
    if (!edge.otherwise || !matches || wentLive.has(edge.on)) continue;
    choice.live = true;
    spend(draft, choice);
  }
  keepInnermostLoop(draft, node, choices);
  return choices;
}

/** A loop edge whose `max` is spent counts as not taken (rule 10); a failing `when` on it too. */
function spend(draft: Draft, choice: Choice): void {
  const { edge } = choice;
  if (edge.loop === undefined || edge.max === undefined || !(choice.live || choice.error)) return;
  if ((draft.loop(edge.loop).taken[edge.index] ?? 0) < edge.max) return;
  choice.spent = choice.live;
  choice.live = false;
  delete choice.error;
}

/** Edges that leave a repeating body stay unsettled, so of several loop edges only the innermost repeats. */
function keepInnermostLoop(draft: Draft, node: PlanNode, choices: Choice[]): void {
  const repeating = choices.filter(({ edge, live, error }) => edge.loop !== undefined && (live || error));
  const depth = (choice: Choice) => node.loops.indexOf(choice.edge.loop ?? -1);
  const innermost = Math.max(...repeating.map(depth));
  const taken = repeating.find((choice) => depth(choice) === innermost);
  for (const choice of repeating) {
    if (choice === taken || depth(choice) < innermost) continue;
    choice.live = false;
    delete choice.error;
  }
}

function outputOf(result: NodeResult): { output?: unknown } {
  return result.output === undefined ? {} : { output: result.output };
}

function notBoolean(edge: PlanEdge, value: unknown): StepError {
  const got = JSON.stringify(value).slice(0, 80);
  return {
    code: 'EXPRESSION_FAILED',
    message: `The condition of the edge ${edge.from} → ${edge.to} gave ${got} instead of true or false.`,
  };
}
