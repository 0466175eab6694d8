/** The fields of a fork, and what was changed in them as the API takes it; pure. */
import type { Execution, ForkExecution } from '../../../src/contract/executions.ts';
import type { SchemaField } from '../inbox/schema-fields.ts';
import { t } from '../words/words.ts';

const INPUT = 'input.';

/** One for each input, then a node and, once that is chosen, its output. */
export function forkFields(execution: Execution, typed: Readonly<Record<string, string>>): SchemaField[] {
  const field = { description: '', required: false, choices: [] as unknown[] };
  const inputs = Object.entries(execution.inputs).map(([name, value]): SchemaField => {
    const text = typeof value === 'string';
    const initial = text ? value : JSON.stringify(value, null, 2);
    return {
      ...field,
      name: `${INPUT}${name}`,
      label: t('Input {name}', { name }),
      kind: text ? 'text' : 'json',
      initial,
    };
  });
  const nodes = nodesWithOutput(execution);
  if (nodes.length === 0) return inputs;
  const node: SchemaField = {
    ...field,
    name: 'node',
    label: t('Replace the output of'),
    kind: 'choice',
    choices: nodes,
    initial: '',
  };
  const chosen = nodes[Number(typed['node'] || Number.NaN)];
  if (chosen === undefined) return [...inputs, node];
  const output = execution.steps.findLast((step) => step.nodeId === chosen && !step.item)?.output;
  return [
    ...inputs,
    node,
    // Named after its node, so that another choice brings another text.
    {
      ...field,
      name: `output.${chosen}`,
      label: t('Output of {chosen}', { chosen }),
      kind: 'json',
      required: true,
      initial: JSON.stringify(output ?? null, null, 2),
    },
  ];
}

export function forkEdits(
  execution: Execution,
  values: Readonly<Record<string, unknown>>,
): Pick<ForkExecution, 'edits'> | Record<string, never> {
  const inputs = Object.entries(values).flatMap(([field, value]) => {
    const name = field.slice(INPUT.length);
    const changed = field.startsWith(INPUT) && JSON.stringify(execution.inputs[name]) !== JSON.stringify(value);
    return changed ? [[name, value] as const] : [];
  });
  const node = values['node'];
  const edits: NonNullable<ForkExecution['edits']> = {
    ...(inputs.length > 0 ? { inputs: Object.fromEntries(inputs) } : {}),
    // JSON: it was read from a field of that kind.
    ...(typeof node === 'string' ? { nodes: { [node]: { output: values[`output.${node}`] as null } } } : {}),
  };
  return Object.keys(edits).length > 0 ? { edits } : {};
}

function nodesWithOutput({ steps }: Execution): string[] {
  return [...new Set(steps.filter((step) => step.status !== 'skipped').map((step) => step.nodeId))];
}
