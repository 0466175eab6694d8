// Inputs of an execution against their declarations: defaults filled in, unknown and wrong ones refused.
import { type Schema, Validator } from '@cfworker/json-schema';
import type { WorkflowDocument, WorkflowProblem } from '../../contract/workflow-document.ts';
import type { DocumentProblems } from './document-problems.ts';
import { didYouMean } from './nearest-name.ts';
import { pointer } from './parse-workflow.ts';

export type InputsResult =
  | { outcome: 'valid'; inputs: Record<string, unknown> }
  | { outcome: 'invalid'; problems: WorkflowProblem[] };

/** Paths are relative to the inputs. An input without a default is required. */
export function validateInputs(
  document: Pick<WorkflowDocument, 'inputs'>,
  inputs: Readonly<Record<string, unknown>> = {},
): InputsResult {
  const declared = document.inputs ?? {};
  const problems: WorkflowProblem[] = [];
  const values: Record<string, unknown> = {};
  const refuse = (name: string, code: string, message: string, below = '') =>
    problems.push({ path: `${pointer([name])}${below}`, code, message, severity: 'error' });
  for (const name of Object.keys(inputs)) {
    if (!Object.hasOwn(declared, name))
      refuse(name, 'UNKNOWN_INPUT', `The workflow has no input ${name}.${didYouMean(name, Object.keys(declared))}`);
  }
  for (const [name, schema] of Object.entries(declared)) {
    if (Object.hasOwn(inputs, name) && inputs[name] !== undefined) {
      values[name] = inputs[name];
      for (const { at, message } of mismatches(schema, inputs[name]))
        refuse(name, 'INVALID_INPUT', `The input ${name} does not fit: ${message}`, at);
    } else if (typeof schema === 'object' && schema['default'] !== undefined) {
      values[name] = schema['default'];
    } else {
      refuse(name, 'MISSING_INPUT', `The input ${name} is required: it has no default.`);
    }
  }
  return problems.length > 0 ? { outcome: 'invalid', problems } : { outcome: 'valid', inputs: values };
}

const jsonTypes = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null'];

/** Declarations that no value can satisfy, and defaults that do not fit their own declaration. */
export function reportInputDeclarations(inputs: Record<string, unknown>, problems: DocumentProblems): void {
  for (const [name, schema] of Object.entries(inputs)) {
    if (typeof schema !== 'object' || schema === null) continue;
    const { type, default: preset } = schema as Record<string, unknown>;
    for (const one of Array.isArray(type) ? type : type === undefined ? [] : [type]) {
      if (typeof one === 'string' && jsonTypes.includes(one)) continue;
      const message = `There is no type ${JSON.stringify(one)}.${didYouMean(String(one), jsonTypes)} Known types: ${jsonTypes.join(', ')}.`;
      problems.add({ path: ['inputs', name, 'type'], code: 'UNKNOWN_TYPE', message });
    }
    const [first] = preset === undefined ? [] : mismatches(schema as Record<string, unknown>, preset);
    if (first)
      problems.add({
        path: ['inputs', name, 'default'],
        code: 'TYPE_MISMATCH',
        message: `The default does not fit its own declaration: ${first.message}`,
      });
  }
}

function mismatches(schema: boolean | Record<string, unknown>, value: unknown): { at: string; message: string }[] {
  try {
    const result = new Validator(schema as Schema, '2020-12', false).validate(value);
    if (result.valid) return [];
    // The deepest errors say what is wrong; those above only repeat that something is.
    return result.errors
      .filter(({ keyword }) => !['properties', 'items', '$ref', 'allOf'].includes(keyword))
      .slice(0, 5)
      .map(({ instanceLocation, error }) => ({ at: instanceLocation.replace(/^#/, ''), message: error }));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [{ at: '', message: `its declaration cannot be used (${reason})` }];
  }
}
