/** What a process is to Claude Code's own files, and how its conversation comes into the agent's directory. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RunningProgram } from '../../../ports/agent-host.ts';
import { storedConversation } from '../../private-file.ts';
import { claudeAdoption } from './claude-adoption.ts';
import { originOf } from '../../conversation-origin.ts';
import { bringConversation } from './bring-conversation.ts';
import { statusIn } from './observe-claude.ts';

const CONVERSATION = '5d819efa-4913-4793-a71d-028510351013';
let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'pm-adopt-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** As Claude Code 2.1.330 writes it. */
function tells(fields: Record<string, unknown> = {}): void {
  const sessions = join(home, '.claude/sessions');
  mkdirSync(sessions, { recursive: true });
  const usual = {
    pid: 4711,
    sessionId: CONVERSATION,
    cwd: '/home/ada/app',
    startedAt: 1_795_701_066_310,
    procStart: '2347600',
    kind: 'interactive',
    entrypoint: 'cli',
    name: 'app-f8',
    status: 'idle',
    statusUpdatedAt: 1_795_701_066_392,
  };
  writeFileSync(join(sessions, '4711.json'), JSON.stringify({ ...usual, ...fields }));
}

const program = (more: Partial<RunningProgram> = {}): RunningProgram => ({
  pid: 4711,
  startTicks: 2_347_600,
  argv: ['sh', '--model', 'sonnet'],
  executable: '/bin/sh',
  startedAt: '2026-11-26T13:51:06.000Z',
  cwd: '/',
  env: { HOME: home, PATH: '/usr/bin:/bin', ANTHROPIC_API_KEY: 'key', EDITOR: 'vi' },
  terminal: null,
  ...more,
});

test('a session is recognised with its conversation, program, model and sign-in, and nothing else of its environment', async () => {
  tells();
  expect(await claudeAdoption.recognise(program(), [])).toMatchObject({
    conversation: CONVERSATION,
    directory: '/home/ada/app',
    since: '2026-11-26T13:51:06.310Z',
    title: 'app-f8',
    setUp: {
      command: [expect.stringMatching(/^\/.*\/sh$/)],
      model: 'sonnet',
      env: { ANTHROPIC_API_KEY: 'key', CLAUDE_CONFIG_DIR: join(home, '.claude') },
    },
  });
  expect((await claudeAdoption.recognise(program(), []))?.setUp.env).not.toHaveProperty('EDITOR');
});

test.each([
  ['of an earlier process with the same number', { procStart: '99' }],
  ['of `claude -p`', { entrypoint: 'sdk-cli' }],
  ['with an id that could be a path', { sessionId: '../../etc/passwd' }],
  ['in the background that has not said its job', { kind: 'bg' }],
  ['without a status that is known', { status: 'dreaming' }],
  ['without the start of its process', { procStart: undefined }],
])('a session file %s is none to adopt', async (_what, fields) => {
  tells(fields);
  expect(await claudeAdoption.recognise(program(), [])).toBeNull();
});

test('one in the background is ended by its CLI, which would start it again otherwise', async () => {
  tells({ kind: 'bg', jobId: '77a400f7' });
  const found = await claudeAdoption.recognise(program(), []);
  expect(found?.endWith).toEqual({
    argv: [expect.stringMatching(/\/sh$/), 'stop', '77a400f7'],
    env: { HOME: home, PATH: '/usr/bin:/bin' },
  });
  tells({ kind: 'bg', jobId: '--all' });
  expect(await claudeAdoption.recognise(program(), [])).toBeNull();
  tells({ kind: 'bg', jobId: '77a400f7' });
  expect(await claudeAdoption.recognise(program({ argv: ['claude-that-was-removed'] }), [])).toBeNull();
});

test('a process without a session file is none', async () => {
  expect(await claudeAdoption.recognise(program(), [])).toBeNull();
});

test('what it waits for is said, with where to answer it', () => {
  expect(statusIn({ status: 'waiting', waitingFor: 'permission prompt' })).toMatchObject({
    status: 'blocked',
    reason: expect.stringMatching(/permission prompt; answer it there/),
  });
  expect(statusIn({ status: 'busy' }).status).toBe('working');
  expect(statusIn({ status: 'shell' }).status).toBe('idle');
});

test('its conversation is copied with what lies beside it, and never over one that went on', async () => {
  tells();
  const found = await claudeAdoption.recognise(program(), []);
  const directory = join(home, 'agent');
  await claudeAdoption.takeIn({ program: program(), found: found!, directory });
  expect(await storedConversation(directory)).toBe(CONVERSATION);
  const from = (await originOf(directory)) ?? '';
  expect(from).toBe(join(home, '.claude'));
  const project = join(from, 'projects/-home-ada-app');
  mkdirSync(join(project, CONVERSATION, 'subagents'), { recursive: true });
  writeFileSync(join(project, `${CONVERSATION}.jsonl`), 'first\n');
  writeFileSync(join(project, 'another.jsonl'), 'not ours\n');
  writeFileSync(join(project, CONVERSATION, 'subagents/a.jsonl'), 'helper\n');
  const to = join(directory, 'claude');
  const copied = join(to, 'projects/-home-ada-app');
  await bringConversation({ from, to, conversation: CONVERSATION });
  expect(readFileSync(join(copied, `${CONVERSATION}.jsonl`), 'utf8')).toBe('first\n');
  expect(readFileSync(join(copied, CONVERSATION, 'subagents/a.jsonl'), 'utf8')).toBe('helper\n');
  expect(() => readFileSync(join(copied, 'another.jsonl'))).toThrow('ENOENT');
  writeFileSync(join(copied, `${CONVERSATION}.jsonl`), 'first\nsecond\n');
  await bringConversation({ from, to, conversation: CONVERSATION });
  expect(readFileSync(join(copied, `${CONVERSATION}.jsonl`), 'utf8')).toBe('first\nsecond\n');
});
