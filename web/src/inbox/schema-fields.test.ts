import { expect, it } from 'vitest';
import { fieldProblems, readFields, schemaFields, typedFor } from './schema-fields.ts';

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
it('is filled in with values that are there, and reads them back; what no field asks for is left out', () => {
  const many = {
    ...properties,
    tags: { type: 'array', items: { enum: ['a', 'b', 'c'] } },
    lines: { type: 'array', items: { type: 'integer' } },
  };
  const fields = schemaFields(many, 'without-default');
  const values = {
    issue: 'two\nlines',
    count: 0,
    dry: false,
    level: 'high',
    more: [1],
    tags: ['c', 'a'],
    lines: [1, 2],
  };
  expect(readFields(fields, typedFor(fields, { ...values, gone: 1 }))).toEqual({ values, problems: {} });
  expect(Object.keys(typedFor(fields, { issue: 'x' }))).toEqual(['issue']);
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
it('takes lists line by line, and several of a choice', () => {
  const fields = schemaFields(
    {
      hosts: { type: 'array', items: { type: 'string' }, default: ['a', 'b'] },
      ports: { type: 'array', items: { type: 'integer' } },
      checks: { type: 'array', items: { enum: ['lint', 'test', 'build'] }, default: ['test'] },
    },
    [],
  );
  expect(fields.map(({ kind, initial }) => [kind, initial])).toEqual([
    ['list', 'a\nb'],
    ['list', ''],
    ['choices', '[1]'],
  ]);
  expect(readFields(fields, { ports: ' 80 \n\n443', checks: '[0,2]' })).toEqual({
    values: { hosts: ['a', 'b'], ports: [80, 443], checks: ['lint', 'build'] },
    problems: {},
  });
  expect(readFields(fields, { ports: '80\nhttp' }).problems).toEqual({ ports: '“http”: must be a number' });
});
it('calls choices by their titles, and takes a type that may be null', () => {
  const fields = schemaFields(
    { size: { oneOf: [{ const: 1, title: 'Small' }, { const: 2 }], default: 2 }, note: { type: ['null', 'string'] } },
    [],
  );
  expect(fields).toMatchObject([{ kind: 'choice', choiceLabels: ['Small', '2'], initial: '1' }, { kind: 'text' }]);
});
it.each([
  [{ type: 'integer', minimum: 3 }, '2', 'Must be 3 or more'],
  [{ type: 'number', maximum: 1 }, '1.5', 'Must be 1 or less'],
  [{ type: 'number', exclusiveMinimum: 0 }, '0', 'Must be more than 0'],
  [{ type: 'number', multipleOf: 0.1 }, '0.25', 'Must be a multiple of 0.1'],
  [{ type: 'string', minLength: 3 }, 'ab', 'Must have 3 characters or more, not 2'],
  [{ type: 'string', pattern: '^v\\d+$' }, 'x', 'Must match ^v\\d+$'],
  [{ type: 'array', items: { type: 'string' }, maxItems: 1 }, 'a\nb', 'Takes 1 or fewer'],
  [{ type: 'array', items: { type: 'string' }, uniqueItems: true }, 'a\na', 'The same entry is there twice'],
])('says at the field what %j limits', (schema, typed, problem) => {
  expect(readFields(schemaFields({ it: schema }, []), { it: typed }).problems).toEqual({ it: problem });
});
it('lets pass what is within its limits, and a pattern that is none', () => {
  const fields = schemaFields(
    { a: { type: 'number', multipleOf: 0.1, minimum: 0.3 }, b: { type: 'string', pattern: '(' } },
    [],
  );
  expect(readFields(fields, { a: '0.3', b: 'x' })).toEqual({ values: { a: 0.3, b: 'x' }, problems: {} });
});
it('puts what the server found at its fields', () => {
  const fields = schemaFields({ 'a/b': {}, list: {} }, []);
  const problem = (path: string) => ({ path, message: `at ${path}` });
  expect(fieldProblems([problem('/form/a~1b'), problem('/form/list/0'), problem('/hash')], fields)).toEqual({
    'a/b': 'at /form/a~1b',
    list: 'at /form/list/0',
  });
});
