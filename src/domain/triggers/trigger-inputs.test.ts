import { expect, test } from 'vitest';
import { compileTriggerInputs } from './trigger-inputs.ts';

test('inputs read the event, keep its types, and are not expanded again', () => {
  const { problems, fill } = compileTriggerInputs({
    whole: '{{ event.body }}',
    text: 'on {{ event.body.ref }}',
    deep: { list: ['{{ event.body.n + 1 }}', true] },
    plain: 7,
  });
  expect(problems).toEqual([]);
  const body = { ref: '{{ event.at }}', n: 41 };
  expect(fill({ at: 'now', body })).toEqual({
    whole: body,
    text: 'on {{ event.at }}',
    deep: { list: [42, true] },
    plain: 7,
  });
});

test('nothing else can be read', () => {
  const { problems } = compileTriggerInputs({
    a: { b: '{{ inputs.x }}' },
    c: '{{ nodes.y.output }}',
    d: '{{ other }}',
  });
  expect(problems.map(({ path, code }) => `${code} ${path.join('/')}`)).toEqual([
    'UNREADABLE_NAME a/b',
    'UNREADABLE_NAME c',
    'UNKNOWN_NAME d',
  ]);
});

test('what the event has not is a failure', () => {
  expect(() => compileTriggerInputs({ a: '{{ event.body.none }}' }).fill({ body: {} })).toThrow('none');
});
