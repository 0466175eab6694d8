import { describe, expect, it } from 'vitest';
import { agentProblems, checkedAgent, commandWords, fieldsOf, NEW_AGENT } from './new-agent.ts';

const typed = { ...NEW_AGENT, name: ' writer ', directory: '/srv/shop' };

describe('a new agent', () => {
  it('is sent with what was typed, and nothing else', () => {
    expect(checkedAgent(typed).body).toEqual({
      kind: 'claude',
      name: 'writer',
      workspace: { path: '/srv/shop' },
      autostart: true,
    });
    expect(
      checkedAgent({
        ...typed,
        mode: 'headless',
        apart: true,
        model: 'opus',
        permissionMode: 'plan',
        instructions: 'Be kind.',
        env: 'A=1\n\nTOKEN=secret:SHOP\nEMPTY=\nWITH=a=b',
      }).body,
    ).toEqual({
      kind: 'claude',
      name: 'writer',
      mode: 'headless',
      workspace: { path: '/srv/shop', isolation: 'worktree' },
      model: 'opus',
      permissionMode: 'plan',
      instructions: 'Be kind.',
      env: { A: '1', TOKEN: 'secret:SHOP', EMPTY: '', WITH: 'a=b' },
      autostart: true,
    });
  });

  it('leaves out what another kind was given before', () => {
    const shell = {
      ...typed,
      kind: 'shell',
      model: 'opus',
      permissionMode: 'plan',
      instructions: 'x',
      command: 'bash -l',
    };
    expect(checkedAgent({ ...shell, kind: 'shell' }).body).toEqual({
      kind: 'shell',
      name: 'writer',
      workspace: { path: '/srv/shop' },
      command: ['bash', '-l'],
      autostart: true,
    });
    expect(fieldsOf({ kind: 'codex', definition: 'tester' }).has('instructions')).toBe(false);
    expect(fieldsOf({ kind: 'codex', definition: '' }).has('mode')).toBe(false);
  });

  it('says what is missing where it is missing', () => {
    const paths = (fields: object) => checkedAgent({ ...NEW_AGENT, ...fields }).problems.map(({ path }) => path);
    expect(paths({})).toEqual(['/name', '/workspace/path']);
    expect(paths({ name: 'a', directory: 'here', kind: 'acp' })).toEqual(['/workspace/path', '/command']);
    expect(paths({ name: 'a', directory: '/x', kind: 'shell', command: '"open' })).toEqual(['/command']);
    expect(paths({ name: 'a', directory: '/x', env: '1A=2' })).toEqual(['/env']);
  });

  it('shows what the server says at its field', () => {
    const problem = (path: string) => ({ path, code: 'X', message: path, severity: 'error' as const });
    const found = agentProblems(
      ['/name', '/workspace/path', '/workspace/isolation', '/env/TOKEN', '/budget'].map(problem),
    );
    expect(Object.keys(found).toSorted()).toEqual(['', 'apart', 'directory', 'env', 'name']);
  });
});

it('splits a command line as a shell would', () => {
  expect(commandWords('')).toEqual([]);
  expect(commandWords(`npx  -y "my agent" --name='a "b"' c\\ d ""`)).toEqual([
    'npx',
    '-y',
    'my agent',
    '--name=a "b"',
    'c d',
    '',
  ]);
  expect(commandWords('"a \\" b"')).toEqual(['a " b']);
  expect(commandWords("it's")).toBeNull();
});
