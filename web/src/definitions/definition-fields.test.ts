import { describe, expect, it } from 'vitest';
import { readDefinition } from '../../../src/domain/agent-definition.ts';
import { DefinitionName } from '../../../src/contract/agent-definitions.ts';
import { changedFields, FIT_NAME, newDefinitionText, NOTHING_TYPED, problemsByField } from './definition-fields.ts';

describe('a new definition', () => {
  it.each([
    ['plain words', 'Reads a change with fresh eyes.'],
    ['a colon', 'Use it so: "now" # not later'],
    ['what YAML would read as something else', 'true'],
    ['several lines', 'one\ntwo'],
    ['a number', '12'],
  ])('is read by the server as it was typed, with %s', (_what, description) => {
    const text = newDefinitionText({
      ...NOTHING_TYPED,
      name: 'code reviewer',
      description,
      tools: 'Read, Bash(git add, git log)',
      model: 'opus',
      permissionMode: 'plan',
      instructions: '# You review\n\n---\nNo edits.\n',
    });
    expect(readDefinition(text)).toEqual({
      problems: [],
      definition: {
        name: 'code reviewer',
        description,
        tools: ['Read', 'Bash(git add, git log)'],
        model: 'opus',
        permissionMode: 'plan',
        instructions: '# You review\n\n---\nNo edits.',
      },
    });
  });

  it('names no field that was left empty', () => {
    expect(newDefinitionText({ ...NOTHING_TYPED, name: 'a', description: 'Does a.' })).toBe(
      '---\nname: a\ndescription: Does a.\n---\n',
    );
  });
});

describe('a change', () => {
  const before = { ...NOTHING_TYPED, name: 'a', description: 'Does a.', tools: 'Read, Grep', model: 'opus' };
  it('sends what differs alone, and null for what was emptied', () => {
    expect(changedFields(before, { ...before, tools: 'Read', model: ' ', permissionMode: 'plan' })).toEqual({
      tools: ['Read'],
      model: null,
      permissionMode: 'plan',
    });
    expect(changedFields(before, before)).toEqual({});
  });
});

it.each(['tester', 'Ünit 2', '../bad', '.hidden', '', 'a/b', 'x'.repeat(60), 'x'.repeat(61)])(
  'the name “%s” fits here as it does on the server',
  (name) => {
    expect(FIT_NAME.test(name)).toBe(DefinitionName.safeParse(name).success);
  },
);

it('problems are shown at the field they name, and the others at none', () => {
  const problem = (path: string) => ({ path, code: 'X', message: path, severity: 'error' as const });
  expect(problemsByField([problem('/text/description'), problem('/tools/0'), problem('/text'), problem('')])).toEqual({
    description: [problem('/text/description')],
    tools: [problem('/tools/0')],
    '': [problem('/text'), problem('')],
  });
});
