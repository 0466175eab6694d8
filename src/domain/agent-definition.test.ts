import { describe, expect, test } from 'vitest';
import { changeDefinition, readDefinition } from './agent-definition.ts';

const minimal = '---\nname: tester\ndescription: Runs tests.\n---\n';
const withFields = (fields: string) => minimal.replace('---\n', `---\n${fields}\n`);
const definitionOf = (text: string) => readDefinition(text).definition;

describe('an agent definition', () => {
  test('needs a name and a description; the rest below is its instructions', () => {
    expect(readDefinition(`${minimal}\n# You test.\n\n---\n\nA line of dashes is text here.\n`)).toEqual({
      definition: {
        name: 'tester',
        description: 'Runs tests.',
        instructions: '# You test.\n\n---\n\nA line of dashes is text here.',
      },
      problems: [],
    });
  });

  test('names its tools as a list or with commas between them', () => {
    expect(definitionOf(withFields('tools: Read, Grep , Bash(git add, git commit)\nmodel: sonnet'))).toMatchObject({
      tools: ['Read', 'Grep', 'Bash(git add, git commit)'],
      model: 'sonnet',
    });
    expect(definitionOf(withFields('tools: [Read, Grep]\ndisallowedTools: Write'))).toMatchObject({
      tools: ['Read', 'Grep'],
      disallowedTools: ['Write'],
    });
  });

  test('says nothing with an empty field, `inherit` as its model, and means manual by the mode `default`', () => {
    const said = definitionOf(withFields('tools:\nmodel: inherit\npermissionMode: default'));
    expect(said).toEqual({
      name: 'tester',
      description: 'Runs tests.',
      permissionMode: 'manual',
      instructions: '',
    });
  });

  test('may have fields that other programs read, Windows line ends and a byte order mark', () => {
    const text = `\uFEFF${withFields('color: blue\nhooks: { a: [1] }').replaceAll('\n', '\r\n')}Text`;
    expect(definitionOf(text)).toEqual({ name: 'tester', description: 'Runs tests.', instructions: 'Text' });
  });

  test('may have a description with colons and no quotes, as Claude Code writes it', () => {
    const description = `Use it when tests fail. Examples:\\n<example>user: "it's red" # now</example>`;
    const text = `---\nname: tester\ndescription: ${description}\nmodel: opus\n---\nText`;
    expect(definitionOf(text)).toEqual({ name: 'tester', description, model: 'opus', instructions: 'Text' });
  });

  test('may have no instructions', () => {
    expect(definitionOf(minimal.trimEnd())?.instructions).toBe('');
  });

  test.each([
    ['without front matter', '# Tester', { path: '', line: 1, message: 'front matter' }],
    ['whose front matter does not begin the file', `\n${minimal}`, { path: '', line: 1, message: 'front matter' }],
    ['whose front matter never ends', '---\nname: tester\n', { path: '', line: 1, message: 'front matter' }],
    ['without a description', '---\nname: tester\n---\n', { path: '/description', line: 2, message: 'is missing' }],
    ['without a name', '---\ndescription: x\n---\n', { path: '/name', line: 2, message: '“name” is missing' }],
    ['whose front matter is one text', '---\nx\n---\n', { path: '', line: 2, message: 'map of fields' }],
    [
      'with an empty description',
      '---\nname: tester\ncolor: red\ndescription: " "\n---\n',
      { path: '/description', line: 4, message: '“description” is empty' },
    ],
    [
      'whose name would leave its folder',
      '---\nname: ../tester\ndescription: x\n---\n',
      { path: '/name', line: 2, message: 'must be letters' },
    ],
    ['whose front matter is a list', '---\n- tester\n---\n', { path: '', line: 2, message: 'map of fields' }],
    [
      'with broken YAML',
      '---\nname: tester\ndescription: [\n---\n',
      { path: '', line: 4, message: 'front matter is not valid YAML' },
    ],
    [
      'with a field twice',
      withFields('name: tester'),
      { path: '/name', line: 3, message: 'stands here twice; keep one' },
    ],
    [
      'with a mode that is none',
      withFields('permissionMode: root'),
      { path: '/permissionMode', line: 2, message: 'must be one of default, manual' },
    ],
    [
      'with tools that are no names',
      withFields('tools: { Read: true }'),
      { path: '/tools', line: 2, message: 'wrong type' },
    ],
    ['with a null character', `${minimal}\nab\u0000`, { path: '', line: 6, message: 'belongs to no text' }],
    ['with half a character', `${minimal}\uD800`, { path: '', line: 5, message: 'belongs to no text' }],
    ['longer than allowed', minimal + 'x'.repeat(200_001), { path: '', message: 'at most 200000' }],
  ])('%s is refused with the field and line', (_what, text, { message, ...where }) => {
    const { definition, problems } = readDefinition(text);
    expect(definition).toBeNull();
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ ...where, severity: 'error', message: expect.stringContaining(message) });
  });
});

describe('a change of a definition', () => {
  const text = [
    '---',
    '# Ours since the spring',
    'name: tester',
    'description: Runs tests.',
    "color: 'blue'  # as in the terminal",
    'hooks:',
    '  Stop:',
    '    - command: true',
    'tools: Read, Grep',
    '---',
    '',
    'Old words.',
    '',
  ].join('\n');

  test('of the instructions leaves every byte of the front matter', () => {
    expect(changeDefinition(text, { instructions: 'New words.\n' })).toBe(text.replace('Old words.', 'New words.'));
  });

  test('of fields keeps the others, their order and the comments', () => {
    expect(changeDefinition(text, { description: 'Runs: all', tools: ['Read'], model: 'opus' })).toBe(
      text
        .replace('Runs tests.', '"Runs: all"')
        .replace('  # as', ' # as')
        .replace('Read, Grep\n', 'Read\nmodel: opus\n'),
    );
  });

  test('to null takes a field away, and one that is not there is no matter', () => {
    const changed = changeDefinition(text, { tools: null, model: null });
    expect(definitionOf(changed)).toEqual({ name: 'tester', description: 'Runs tests.', instructions: 'Old words.' });
    expect(changed).toContain('Stop:');
  });

  test('keeps Windows line ends, and what is no YAML becomes it', () => {
    const loose = '---\r\nname: tester\r\ndescription: Examples: a, b\r\n---\r\nText\r\n';
    expect(changeDefinition(loose, { model: 'opus' })).toBe(
      "---\r\nname: tester\r\ndescription: 'Examples: a, b'\r\nmodel: opus\r\n---\r\nText\r\n",
    );
  });

  test('reads as what was asked for, whatever the words are', () => {
    for (const words of ['- a', 'a: b', '# c', 'null', '12', '"', "it's", 'two\nlines', '{x}', '---', 'é ☕'])
      expect(definitionOf(changeDefinition(text, { description: words, instructions: words }))).toMatchObject({
        description: words,
        instructions: words,
      });
  });
});
