/** What a JSON Schema says of one value beyond its type, in the words of a form; the server checks the whole of it. Pure. */

export function constraintProblem(schema: Readonly<Record<string, unknown>>, value: unknown): string | null {
  const limit = (name: string): number | null => (typeof schema[name] === 'number' ? schema[name] : null);
  const check = (name: string, holds: (limit: number) => boolean, words: (limit: number) => string): string | null => {
    const given = limit(name);
    return given === null || holds(given) ? null : words(given);
  };
  if (typeof value === 'number')
    return (
      check(
        'minimum',
        (least) => value >= least,
        (least) => `Must be ${least} or more`,
      ) ??
      check(
        'maximum',
        (most) => value <= most,
        (most) => `Must be ${most} or less`,
      ) ??
      check(
        'exclusiveMinimum',
        (least) => value > least,
        (least) => `Must be more than ${least}`,
      ) ??
      check(
        'exclusiveMaximum',
        (most) => value < most,
        (most) => `Must be less than ${most}`,
      ) ??
      check(
        'multipleOf',
        (step) => step <= 0 || Number.isInteger(Number((value / step).toFixed(9))),
        (step) => `Must be a multiple of ${step}`,
      )
    );
  if (typeof value === 'string') {
    const { length } = Array.from(value); // as JSON Schema counts
    return (
      check(
        'minLength',
        (least) => length >= least,
        (least) => `Must have ${least} characters or more, not ${length}`,
      ) ??
      check(
        'maxLength',
        (most) => length <= most,
        (most) => `Must have ${most} characters or fewer, not ${length}`,
      ) ??
      patternProblem(schema['pattern'], value)
    );
  }
  if (Array.isArray(value))
    return (
      check(
        'minItems',
        (least) => value.length >= least,
        (least) => `Needs ${least} or more`,
      ) ??
      check(
        'maxItems',
        (most) => value.length <= most,
        (most) => `Takes ${most} or fewer`,
      ) ??
      (schema['uniqueItems'] === true && new Set(value.map((one) => JSON.stringify(one))).size < value.length
        ? 'The same entry is there twice'
        : null)
    );
  return null;
}

/** One that is no pattern here limits nothing: the server decides. */
function patternProblem(pattern: unknown, value: string): string | null {
  if (typeof pattern !== 'string') return null;
  try {
    return new RegExp(pattern, 'u').test(value) ? null : `Must match ${pattern}`;
  } catch {
    return null;
  }
}
