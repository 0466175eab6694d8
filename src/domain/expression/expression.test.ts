import { describe, expect, test } from 'vitest';
import { parseExpression } from './expression.ts';
import { linearMatch, PatternError } from './linear-pattern.ts';
import { fillText, fillValue, parseTemplate } from './template.ts';

const names = {
  inputs: { n: 3, half: 2.5, text: 'x', list: [1, 2.5, 'a'], big: 2 ** 53, map: { a: { b: 1 }, none: null } },
  nodes: { a: { status: 'succeeded', output: { exitCode: 0 } }, b: { status: 'skipped' } },
  execution: { id: 'e1' },
  error: null,
};

function evaluate(source: string, data: Record<string, unknown> = names, variables: string[] = []): unknown {
  const parsed = parseExpression(source, variables);
  if (parsed.outcome === 'invalid') throw new Error(`${parsed.problem.code}: ${parsed.problem.message}`);
  return parsed.expression.evaluate(data);
}

function fill(text: string): [string, unknown] {
  const parsed = parseTemplate(text);
  if (parsed.outcome === 'invalid') throw new Error(parsed.problem.message);
  return [fillText(parsed.template, names), fillValue(parsed.template, names)];
}

describe('numbers, lists and maps', () => {
  test.each([
    ['1 + 1', 2],
    ['7 / 2', 3],
    ['-7 / 2', -3],
    ['7.0 / 2', 3.5],
    ['inputs.n / 2', 1],
    ['inputs.n + 1.5', 4.5],
    ['inputs.half * 2', 5],
    ['inputs.n == 3.0', true],
    ['inputs.half > 2', true],
    ['3 in [3.0]', true],
    ['inputs.big + 0', 2 ** 53],
    ['[1, "a", 2.5, null]', [1, 'a', 2.5, null]],
    ['{"a": 1, "b": "x"}', { a: 1, b: 'x' }],
    ['inputs.list + ["b"]', [1, 2.5, 'a', 'b']],
    ['inputs.map == {"none": null, "a": {"b": 1.0}}', true],
    ['true ? 1 : "a"', 1],
    ['[3, 1, 2].sort()', [1, 2, 3]],
    ['[1, 2.5].sum()', 3.5],
    ['parseJson(json(inputs.map)).a.b + 1', 2],
    ['keys({"x": 1})', ['x']],
    ['"a-b".replace("-", "$&")', 'a$&b'],
    ['base64("hé 🎉")', 'aMOpIPCfjok='],
    ['fromBase64("aMOpIPCfjok=")', 'hé 🎉'],
    ['inputs.list.first()', 1],
    ['inputs.list.last()', 'a'],
    ['string(timestamp("2026-01-01T00:00:00Z") - duration("1h")).split("T")[0]', '2025-12-31'],
    ['duration("90m")', 'PT5400S'],
    ['timestamp("2026-01-01T00:00:00Z") + duration("1h")', '2026-01-01T01:00:00.000Z'],
  ])('17. %s gives %j', (source, value) => expect(evaluate(source)).toEqual(value));

  test.each([
    '9007199254740991 + 2',
    '1.0 / 0.0',
    '1 / 0',
    'type(1)',
    'b"abc"',
    'fromBase64("/w==")',
    'fromBase64("%")',
    '[].first()',
    'inputs.text > 1',
    '!inputs.n',
    'inputs.n && true',
  ])('17. %s fails instead of giving something that is not JSON or not meant', (source) =>
    expect(() => evaluate(source)).toThrow(Error),
  );
});

describe('names', () => {
  test('R15: has() and status work for a node that did not run, its output does not', () => {
    expect(evaluate('has(nodes.b.output)')).toBe(false);
    expect(evaluate('nodes.b.status')).toBe('skipped');
    expect(() => evaluate('nodes.b.output.x')).toThrow(/output/);
  });

  test('R16a: what an expression reads is known without running it, through macros and shadowing', () => {
    const reads = (source: string) => {
      const parsed = parseExpression(source, ['task', 'index']);
      if (parsed.outcome === 'invalid') throw new Error(parsed.problem.message);
      return parsed.expression.reads;
    };
    expect(reads('has(nodes.a.output.x) && nodes["b"].status == "failed"').nodes).toMatchObject([
      { nodeId: 'b', field: 'status', guarded: false, offset: expect.any(Number) },
      { nodeId: 'a', field: 'output', guarded: true },
    ]);
    expect(reads('inputs.list.map(nodes, nodes.a)').nodes).toEqual([]);
    expect(reads('inputs.list.filter(x, x == nodes.a.output)').nodes).toMatchObject([{ nodeId: 'a' }]);
    expect(reads('cel.bind(t, nodes.a.output, t + task)').names.toSorted()).toEqual(['nodes', 'task']);
    expect(reads('nodes[inputs.text]').wholeNodes).toBe(0);
    expect(reads('inputs.n + index').inputs).toEqual([{ name: 'n', offset: 0 }]);
  });

  test('R20: problems know their column', () => {
    expect(parseExpression('1 +\n  foo')).toMatchObject({
      outcome: 'invalid',
      problem: { code: 'UNKNOWN_NAME', name: 'foo', column: 3, offset: 6 },
    });
    expect(parseExpression('1 + ')).toMatchObject({ problem: { code: 'EXPRESSION_SYNTAX' } });
    expect(parseExpression('1 + "a"')).toMatchObject({ problem: { code: 'EXPRESSION_TYPE' } });
  });
});

describe('templates', () => {
  test('R14a: text is filled in plainly: numbers and booleans as they are, null empty, lists and maps as JSON', () => {
    expect(fill('{{ inputs.n }}/{{ true }}/{{ inputs.map.none }}/{{ inputs.list }}')[0]).toBe('3/true//[1,2.5,"a"]');
  });

  test('R14a, R14b: exactly one template keeps its type, a literal is a text in quotes, and braces inside do not close it', () => {
    expect(fill('{{ inputs.list }}')[1]).toEqual([1, 2.5, 'a']);
    expect(fill(' {{ inputs.n }}')[1]).toBe(' 3');
    expect(fill("{{ '{{' }} x }}")[0]).toBe('{{ x }}');
    expect(fill("{{ {'a': {'b': 1}} }}")[1]).toEqual({ a: { b: 1 } });
    expect(fill('{{ \'}}\' + "\\"}}" }}')[0]).toBe('}}"}}');
  });

  test('R14b: a template that is not closed is a problem with its place', () => {
    expect(parseTemplate('abc {{ inputs.n')).toMatchObject({ outcome: 'invalid', offset: 4 });
    expect(parseTemplate('abc {{ 1 + }}')).toMatchObject({ outcome: 'invalid', offset: 7 });
  });
});

describe('hostile expressions', () => {
  test.each([
    'this.constructor.constructor("return process")()',
    'inputs.constructor',
    'inputs.__proto__',
    'inputs["__proto__"]',
    'inputs["constructor"]',
    '"".constructor',
    'inputs.text.constructor.constructor("return 1")()',
    '`${process.env}`',
    'Reflect.ownKeys(inputs)',
    'process.env',
    'globalThis',
    'import("fs")',
    'inputs.toString',
    'inputs.hasOwnProperty("a")',
    '[].map(x, x).constructor',
    '(function(){ return 1 })()',
    'execution.valueOf',
  ])('%s reaches nothing', (source) => expect(() => evaluate(source)).toThrow(Error));

  test('prototype names in data are left out, and nothing on a prototype changes', () => {
    const before = Object.getOwnPropertyNames(Object.prototype);
    const data = { ...names, inputs: JSON.parse('{"__proto__": {"polluted": 1}, "constructor": 2, "ok": 3}') };
    expect(evaluate('inputs', data)).toEqual({ ok: 3 });
    expect(evaluate('{"__proto__": {"polluted": true}}')).toEqual({});
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('long, deep and slow expressions are refused in time', () => {
    const before = performance.now();
    expect(parseExpression('1+'.repeat(500_000)).outcome).toBe('invalid');
    expect(parseExpression('('.repeat(5_000)).outcome).toBe('invalid');
    expect(parseExpression(`1${'+1'.repeat(4_000)}`).outcome).toBe('invalid');
    const list = Array.from({ length: 300 }, (_, index) => index);
    expect(() =>
      evaluate('inputs.l.map(a, inputs.l.map(b, inputs.l.map(c, a * b * c)))', { ...names, inputs: { l: list } }),
    ).toThrow(/too long/);
    const names20 = Array.from({ length: 20 }, (_, index) => `cel.bind(s${index + 1}, s${index} + s${index}, `).join(
      '',
    );
    const doubling = `cel.bind(s0, "${'x'.repeat(100)}", ${names20}s20${')'.repeat(21)}`;
    expect(parseExpression(doubling).outcome).toBe('parsed');
    expect(() => evaluate(doubling)).toThrow(/too long/);
    expect(performance.now() - before).toBeLessThan(3_000);
  });

  test('matches() takes linear time and finds what a regular expression finds', () => {
    const before = performance.now();
    expect(linearMatch('^(a+)+$', `${'a'.repeat(5_000)}!`)).toBe(false);
    expect(linearMatch('(x+x+)+y', 'x'.repeat(5_000))).toBe(false);
    expect(performance.now() - before).toBeLessThan(2_000);
    for (const [pattern, text] of [
      ['^a.c$', 'abc'], ['^a.c$', 'abcd'], ['b|^x', 'ab'], ['[a-c]{2,3}z', 'xxabz'], ['[^0-9]+', '12a'], ['\\d+\\.\\d*', 'v1.'],
      ['(?i)HeLLo', 'say hello'], ['\\bcat\\b', 'a cat sat'], ['\\bcat\\b', 'concat'], ['(?:ab)+c', 'ababc'], ['', ''], ['a{0}b', 'b'], ['x?y', 'y'],
      ['^$', ''], ['[\\w-]+@\\w+', 'a-b@c'], ['(a|b)*c', 'ababc'], ['[]a]', ']'],
    ] as const) {
      const flags = pattern.startsWith('(?i)') ? 'i' : '';
      const expected = pattern === '[]a]' ? true : new RegExp(pattern.replace('(?i)', ''), flags).test(text);
      expect(`${pattern} ${text} ${linearMatch(pattern, text)}`).toBe(`${pattern} ${text} ${expected}`);
    } // prettier-ignore
    for (const refused of ['(?=a)', '\\1', '(a', 'a)', '*', 'a**', '[b-a]', '((a{99}){99}){99}'])
      expect(() => linearMatch(refused, 'a')).toThrow(PatternError);
  });
});
