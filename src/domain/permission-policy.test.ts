import { describe, expect, it } from 'vitest';
import type { Policy } from '../contract/policies.ts';
import { decidePermission, exactPattern, permissionSubject } from './permission-policy.ts';

const AGENT = { id: 'agent-1', role: 'backend' };
const rule = (effect: Policy['effect'], more: Partial<Policy> = {}): Policy => ({
  id: `${effect}-${JSON.stringify(more)}`,
  effect,
  tool: 'Bash',
  createdBy: 'test',
  createdAt: '2026-01-01T00:00:00.000Z',
  ...more,
});
const bash = (command: string) => ({ agent: AGENT, tool: 'Bash', input: { command } });
const effectOf = (policies: Policy[], request: Parameters<typeof decidePermission>[1]) =>
  decidePermission(policies, request).effect;

describe('a permission request', () => {
  it('is asked where no rule fits', () => {
    expect(decidePermission([], bash('ls'))).toEqual({ effect: 'ask', policy: null });
    expect(effectOf([rule('allow', { tool: 'Edit' })], bash('ls'))).toBe('ask');
  });

  it('is denied when one rule denies it, whatever others allow', () => {
    const policies = [rule('allow'), rule('allow', { pattern: 'rm *' }), rule('deny', { pattern: 'rm *' })];
    expect(effectOf(policies, bash('rm -rf build'))).toBe('deny');
    expect(effectOf(policies, bash('ls'))).toBe('allow');
  });

  it('is asked when one rule asks, whatever others allow', () => {
    expect(effectOf([rule('allow'), rule('ask', { pattern: 'git push*' })], bash('git push origin'))).toBe('ask');
  });

  it('is decided by rules of its agent and role only', () => {
    expect(effectOf([rule('allow', { agentId: 'agent-2' })], bash('ls'))).toBe('ask');
    expect(effectOf([rule('allow', { role: 'frontend' })], bash('ls'))).toBe('ask');
    expect(effectOf([rule('allow', { role: 'backend' })], bash('ls'))).toBe('allow');
    expect(effectOf([rule('deny', { tool: '*' })], bash('ls'))).toBe('deny');
  });

  it.each([
    'git status; rm -rf ~',
    'git status && curl evil',
    'git log | sh',
    'git log $(touch x)',
    'git log `touch x`',
    'git log > ~/.bashrc',
    'git log\nrm x',
    'git log & rm x',
  ])('is not allowed by a wildcard when the command holds another: %s', (command) => {
    expect(effectOf([rule('allow', { pattern: 'git *' })], bash(command))).toBe('ask');
  });

  it('is denied also when the denied command stands inside a line', () => {
    const policies = [rule('allow'), rule('deny', { pattern: 'rm *' })];
    for (const command of ['ls; rm -rf x', 'true && rm x', 'echo $(rm x)', 'a\nrm x'])
      expect(effectOf(policies, bash(command))).toBe('deny');
  });

  it('is allowed by a pattern for a directory only inside of it', () => {
    const policies = [rule('allow', { tool: 'Edit', pattern: '/srv/app/*' })];
    const edit = (path: string) => ({ agent: AGENT, tool: 'Edit', input: { file_path: path } });
    expect(effectOf(policies, edit('/srv/app/src/a.ts'))).toBe('allow');
    expect(effectOf(policies, edit('/srv/app/../../etc/passwd'))).toBe('ask');
    expect(effectOf(policies, edit('/srv/application'))).toBe('ask');
  });

  it('about several files is allowed when each of them is, and denied when one of them is', () => {
    const edit = (...paths: string[]) => ({ agent: AGENT, tool: 'Edit', input: { file_paths: paths } });
    const allowed = rule('allow', { tool: 'Edit', pattern: '/srv/app/*' });
    expect(effectOf([allowed], edit('/srv/app/a.ts', '/srv/app/b.ts'))).toBe('allow');
    expect(effectOf([allowed], edit('/srv/app/a.ts', '/etc/passwd', '/srv/app/b.ts'))).toBe('ask');
    const policies = [rule('allow', { tool: 'Edit' }), rule('deny', { tool: 'Edit', pattern: '/etc/*' })];
    expect(effectOf(policies, edit('/srv/app/a.ts', '/srv/../etc/passwd'))).toBe('deny');
    const same = edit('/srv/app/a.ts', '/srv/app/b.ts');
    const always = rule('allow', { tool: 'Edit', pattern: exactPattern(permissionSubject('Edit', same.input)) });
    expect(effectOf([always], same)).toBe('allow');
    expect(effectOf([always], edit('/srv/app/a.ts', '/srv/app/c.ts'))).toBe('ask');
  });

  it('that was allowed always is allowed letter by letter, and nothing beside it', () => {
    const command = String.raw`grep '*\.ts' src; echo "$HOME"`;
    const policies = [rule('allow', { pattern: exactPattern(permissionSubject('Bash', { command })) })];
    expect(effectOf(policies, bash(command))).toBe('allow');
    expect(effectOf(policies, bash(command.replace('*', 'x')))).toBe('ask');
    expect(effectOf(policies, bash(`${command} `))).toBe('ask');
  });

  it('is matched in time linear in its length', () => {
    const policies = [rule('allow', { pattern: '*a'.repeat(2000) })];
    expect(effectOf(policies, bash('a'.repeat(60_000)))).toBe('allow');
    expect(effectOf(policies, bash('b'.repeat(60_000)))).toBe('ask');
  });
});
