import { describe, expect, test } from 'vitest';
import { isPointsmanError } from '../../contract/errors.ts';
import { parseAgentDefinition } from './agent-definition.ts';

const minimal = '---\nname: tester\ndescription: Runs tests.\n---\n';

describe('an agent definition', () => {
  test('needs a name and a description; the rest below is its instructions', () => {
    expect(parseAgentDefinition(`${minimal}\n# You test.\n\n---\n\nA line of dashes is text here.\n`)).toEqual({
      name: 'tester',
      description: 'Runs tests.',
      instructions: '# You test.\n\n---\n\nA line of dashes is text here.',
    });
  });

  test('names its tools as a list or with commas between them', () => {
    const withTools = (tools: string) =>
      parseAgentDefinition(minimal.replace('---\n', `---\ntools: ${tools}\nmodel: sonnet\n`));
    expect(withTools('Read, Grep , Bash')).toMatchObject({ tools: ['Read', 'Grep', 'Bash'], model: 'sonnet' });
    expect(withTools('[Read, Grep]')).toMatchObject({ tools: ['Read', 'Grep'] });
  });

  test('may have fields that other programs read, Windows line ends and a byte order mark', () => {
    const text = `\uFEFF${minimal.replace('---\n', '---\ncolor: blue\nhooks: { a: [1] }\n').replaceAll('\n', '\r\n')}Text`;
    expect(parseAgentDefinition(text)).toEqual({ name: 'tester', description: 'Runs tests.', instructions: 'Text' });
  });

  test('may have no instructions', () => {
    expect(parseAgentDefinition(minimal.trimEnd()).instructions).toBe('');
  });

  test.each([
    ['without front matter', '# Tester', 'front matter'],
    ['whose front matter does not begin the file', `\n${minimal}`, 'front matter'],
    ['whose front matter never ends', '---\nname: tester\n', 'front matter'],
    ['without a description', '---\nname: tester\n---\n', '“description”'],
    ['with an empty name', '---\nname: " "\ndescription: Runs tests.\n---\n', '“name”'],
    ['whose front matter is a list', '---\n- tester\n---\n', 'map of fields'],
    ['with broken YAML', '---\nname: [\n---\n', 'not valid YAML'],
    [
      'whose description has a colon and no quotes',
      '---\nname: tester\ndescription: Tests: all of them\n---\n',
      'not valid YAML',
    ],
  ])('%s is refused with what is wrong', (_name, text, words) => {
    const refuse = () => parseAgentDefinition(text);
    expect(refuse).toThrow(words);
    expect(refuse).toThrow(expect.toSatisfy((error: unknown) => isPointsmanError(error, 'INVALID_REQUEST')));
  });
});
