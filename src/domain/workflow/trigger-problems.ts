// What is wrong with the triggers of a document: times that never come, inputs nobody gives, names nobody has.
import { WorkflowTrigger } from '../../contract/workflow-document.ts';
import { cronProblem } from '../triggers/cron-moments.ts';
import { compileTriggerInputs } from '../triggers/trigger-inputs.ts';
import type { DocumentProblems } from './document-problems.ts';
import { didYouMean } from './nearest-name.ts';
import type { KnownThings } from './node-problems.ts';
import type { JsonPath } from './parse-workflow.ts';
import { valueAt } from './schema-problems.ts';

interface Around {
  /** The declared inputs. */
  inputs: Record<string, unknown>;
  known: KnownThings;
  problems: DocumentProblems;
}

/** One that breaks the schema is reported there. */
export function reportTriggers(triggers: readonly unknown[], around: Around): void {
  triggers.forEach((candidate, index) => {
    const trigger = WorkflowTrigger.safeParse(candidate).data;
    if (trigger) reportTrigger(trigger, ['triggers', index], around);
  });
}

function reportTrigger(trigger: WorkflowTrigger, path: JsonPath, around: Around): void {
  const { problems, known } = around;
  if ('cron' in trigger) {
    const problem = cronProblem(trigger);
    if (problem) problems.add({ path: [...path, problem.field], code: 'INVALID_VALUE', message: problem.message });
  }
  if ('file' in trigger) requireAbsolute(trigger.file, [...path, 'file'], problems);
  if ('git' in trigger) requireAbsolute(trigger.git, [...path, 'git'], problems);
  if ('workflow' in trigger)
    warnIfUnknown('workflow', trigger.workflow, known.workflows, [...path, 'workflow'], problems);
  if ('agent' in trigger) warnIfUnknown('agent', trigger.agent, known.agents, [...path, 'agent'], problems);
  reportInputs(trigger, path, around);
}

function requireAbsolute(value: string, path: JsonPath, problems: DocumentProblems): void {
  if (value.startsWith('/')) return;
  problems.add({ path, code: 'INVALID_VALUE', message: 'Write the path from the root, for example /srv/app.' });
}

/** A warning only: two workflows that start each other must be saved one after the other. */
function warnIfUnknown(
  kind: 'workflow' | 'agent',
  name: string,
  known: readonly { id: string; name?: string }[] | undefined,
  path: JsonPath,
  problems: DocumentProblems,
): void {
  if (!known || known.some((one) => one.id === name || one.name === name)) return;
  const names = known.map((one) => one.name ?? one.id);
  problems.add({
    path,
    code: kind === 'workflow' ? 'UNKNOWN_WORKFLOW' : 'UNKNOWN_AGENT',
    message: `There is no ${kind} ${JSON.stringify(name)} so far.${didYouMean(name, names)}`,
    severity: 'warning',
  });
}

/** A trigger has nobody who could type in what is required. */
function reportInputs(trigger: WorkflowTrigger, path: JsonPath, { inputs, problems }: Around): void {
  const given = trigger.inputs ?? {};
  for (const { path: field, code, message, offset } of compileTriggerInputs(given).problems)
    problems.add({ path: [...path, 'inputs', ...field], code, message, offset });
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(inputs, name)) continue;
    problems.add({
      path: [...path, 'inputs', name],
      code: 'UNKNOWN_INPUT',
      message: `There is no input ${name}.${didYouMean(name, Object.keys(inputs))} Declare it under \`inputs\`: every execution it starts would be refused.`,
      severity: 'warning',
    });
  }
  for (const [name, schema] of Object.entries(inputs)) {
    if (Object.hasOwn(given, name) || valueAt(schema, ['default']) !== undefined) continue;
    const message = `The trigger gives no value for the input ${name}, and it has no default: every execution it starts would be refused.`;
    problems.add({ path, code: 'MISSING_INPUT', message, severity: 'warning' });
  }
}
