/** Checks data against a JSON Schema that a workflow gives; interprets it, compiles no code. Pure. */
import { type Schema, Validator } from '@cfworker/json-schema';
import type { Problem } from '../contract/problem.ts';

/** Problems with JSON Pointers below `at`; empty when the data fits. */
export function validateAgainstSchema(schema: Record<string, unknown>, data: unknown, at = ''): Problem[] {
  try {
    const result = new Validator(schema as Schema, '2020-12', false).validate(data);
    if (result.valid) return [];
    const leaves = result.errors.filter(
      (error) =>
        !['properties', 'items', 'additionalProperties', '$ref'].includes(error.keyword) || result.errors.length === 1,
    );
    return leaves.map((error) => ({
      path: at + error.instanceLocation.replace(/^#/, ''),
      code: 'SCHEMA_MISMATCH',
      message: error.error,
      severity: 'error' as const,
    }));
  } catch (error) {
    return [
      {
        path: at,
        code: 'SCHEMA_INVALID',
        message: `The JSON Schema cannot be used: ${error instanceof Error ? error.message : String(error)}`,
        severity: 'error',
      },
    ];
  }
}
