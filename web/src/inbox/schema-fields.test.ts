import { expect, it } from 'vitest';
import { readFields, schemaFields } from './schema-fields.ts';

const properties = {
  issue: { type: 'string', description: 'What to change' },
  count: { type: 'integer', default: 3 },
  dry: { type: 'boolean', default: true },
  level: { enum: ['low', 2, 'high'], default: 2 },
  more: { type: 'object', default: { a: 1 } },
};

it('makes a field of each property, required unless it has a default', () => {
  const fields = schemaFields(properties, 'without-default');
  expect(fields.map((field) => [field.kind, field.required])).toEqual([
    ['text', true],
    ['integer', false],
    ['boolean', false],
    ['choice', false],
    ['json', false],
  ]);
});
it('reads the defaults back as they were', () => {
  const fields = schemaFields(properties, 'without-default');
  expect(readFields(fields, { issue: 'x' })).toEqual({
    values: { issue: 'x', count: 3, dry: true, level: 2, more: { a: 1 } },
    problems: {},
  });
});
it('says per field what is missing or of the wrong type, and leaves optional blanks out', () => {
  const fields = schemaFields({ ...properties, note: { type: 'string' } }, ['issue']);
  const { values, problems } = readFields(fields, { count: '1.5', more: '{', level: '', note: '' });
  expect(Object.keys(problems)).toEqual(['issue', 'count', 'more']);
  expect(values).toEqual({ dry: true });
});
it('takes anything that is not an object of properties as no fields', () => {
  expect([null, [], 'x', undefined].flatMap((value) => schemaFields(value, []))).toEqual([]);
});
