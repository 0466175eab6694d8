/** What a JSON Schema says of one value beyond its type, in the words of a form; the server checks the whole of it. Pure. */
import { t } from '../words/words.ts';

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
        (least) => t('Must be {least} or more', { least }),
      ) ??
      check(
        'maximum',
        (most) => value <= most,
        (most) => t('Must be {most} or less', { most }),
      ) ??
      check(
        'exclusiveMinimum',
        (least) => value > least,
        (least) => t('Must be more than {least}', { least }),
      ) ??
      check(
        'exclusiveMaximum',
        (most) => value < most,
        (most) => t('Must be less than {most}', { most }),
      ) ??
      check(
        'multipleOf',
        (step) => step <= 0 || Number.isInteger(Number((value / step).toFixed(9))),
        (step) => t('Must be a multiple of {step}', { step }),
      )
    );
  if (typeof value === 'string') {
    const { length } = Array.from(value); // as JSON Schema counts
    return (
      check(
        'minLength',
        (least) => length >= least,
        (least) => t('Must have {least} characters or more, not {count}', { least, count: length }),
      ) ??
      check(
        'maxLength',
        (most) => length <= most,
        (most) => t('Must have {most} characters or fewer, not {count}', { most, count: length }),
      ) ??
      patternProblem(schema['pattern'], value)
    );
  }
  if (Array.isArray(value))
    return (
      check(
        'minItems',
        (least) => value.length >= least,
        (least) => t('Needs {least} or more', { least }),
      ) ??
      check(
        'maxItems',
        (most) => value.length <= most,
        (most) => t('Takes {most} or fewer', { most }),
      ) ??
      (schema['uniqueItems'] === true && new Set(value.map((one) => JSON.stringify(one))).size < value.length
        ? t('The same entry is there twice')
        : null)
    );
  return null;
}

/** One that is no pattern here limits nothing: the server decides. */
function patternProblem(pattern: unknown, value: string): string | null {
  if (typeof pattern !== 'string') return null;
  try {
    return new RegExp(pattern, 'u').test(value) ? null : t('Must match {pattern}', { pattern });
  } catch {
    return null;
  }
}
