/** Which record belongs to a Codex that a person runs, what its lines say, and how it comes into the agent's directory. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RunningProgram } from '../../../ports/agent-host.ts';
import { bringRollout, codexAdoption } from './codex-adoption.ts';
import { meaningOf } from './observe-codex.ts';

const CONVERSATION = '01a21836-0d6a-74b0-98e0-0b008d0118b7';
const DAY = 'sessions/2026/11/26';
let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'pm-adopt-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** As Codex 0.169.0 writes it, but for the length of its instructions. */
function recorded(fields: Record<string, unknown> = {}, conversation = CONVERSATION): string {
  mkdirSync(join(home, '.codex', DAY), { recursive: true });
  const name = `rollout-2026-11-26T14-15-25-${conversation}.jsonl`;
  const payload = {
    session_id: conversation,
    timestamp: '2026-11-26T14:15:25.100Z',
    cwd: '/home/ada/app',
    originator: 'codex-tui',
    base_instructions: { text: 'x'.repeat(50_000) },
    ...fields,
  };
  const row = { timestamp: '2026-11-26T14:15:32.000Z', ordinal: 0, type: 'session_meta', payload };
  writeFileSync(join(home, '.codex', DAY, name), `${JSON.stringify(row)}\n`);
  return name;
}

const program = (more: Partial<RunningProgram> = {}): RunningProgram => ({
  pid: 4711,
  startTicks: 2_347_600,
  startedAt: '2026-11-26T14:15:20.000Z',
  argv: ['codex'],
  executable: '/opt/codex/bin/codex',
  cwd: '/home/ada/app',
  env: { HOME: home, OPENAI_API_KEY: 'key', EDITOR: 'vi' },
  terminal: null,
  ...more,
});

test('the conversation begun since in its directory is its own, and only it itself may be ended', async () => {
  recorded();
  const one = program();
  expect(await codexAdoption.recognise(one, [one])).toEqual({
    conversation: CONVERSATION,
    directory: '/home/ada/app',
    since: '2026-11-26T14:15:20.000Z',
    endAlone: true,
    setUp: { env: { OPENAI_API_KEY: 'key', CODEX_HOME: join(home, '.codex') } },
  });
});

test.each([
  ['in another directory', { cwd: '/home/ada' }],
  ['begun before it', { timestamp: '2026-11-26T14:15:19.000Z' }],
  ['of `codex exec`', { originator: 'codex_exec' }],
])('a conversation %s is not its own', async (_what, fields) => {
  recorded(fields);
  expect(await codexAdoption.recognise(program(), [])).toBeNull();
});

test('of two in one directory neither is adopted: nobody could tell whose a conversation is', async () => {
  recorded();
  const [one, other] = [program(), program({ pid: 4712, argv: ['codex', 'resume'] })];
  expect(await codexAdoption.recognise(one, [one, other])).toBeNull();
  const service = program({ pid: 4713, argv: ['codex', 'app-server', '--managed-daemon'] });
  expect(await codexAdoption.recognise(one, [one, service])).not.toBeNull();
  expect(await codexAdoption.recognise(service, [service])).toBeNull();
});

test('its lines say when it works, rests and what it has used, and all others nothing', () => {
  const line = (payload: object) => JSON.stringify({ timestamp: 'T', type: 'event_msg', payload });
  const meaning = (payload: object) => meaningOf(line(payload), CONVERSATION);
  expect(meaning({ type: 'task_started' })).toMatchObject({ status: 'working', source: 'session_file', at: 'T' });
  expect(meaning({ type: 'task_complete' })).toMatchObject({ status: 'idle' });
  expect(meaning({ type: 'turn_aborted' })).toMatchObject({ status: 'idle' });
  const total_token_usage = { input_tokens: 14_919, output_tokens: 45 };
  expect(meaning({ type: 'token_count', info: { total_token_usage } })).toMatchObject({
    type: 'usage',
    conversation: CONVERSATION,
    total: { inputTokens: 14_919, outputTokens: 45 },
  });
  expect(meaning({ type: 'token_count', info: null })).toBeUndefined();
  expect(meaning({ type: 'item_completed' })).toBeUndefined();
  expect(meaningOf('{"event_msg"', CONVERSATION)).toBeUndefined();
});

test('its record is copied once, where the agent’s own Codex looks for it', async () => {
  const name = recorded();
  const directory = join(home, 'agent');
  const one = program();
  const found = await codexAdoption.recognise(one, [one]);
  await codexAdoption.takeIn({ program: one, found: found!, directory });
  const codexHome = join(directory, 'codex');
  await bringRollout({ agentDirectory: directory, codexHome });
  const copy = join(codexHome, DAY, name);
  expect(readFileSync(copy, 'utf8')).toContain(CONVERSATION);
  writeFileSync(copy, 'went on\n');
  await bringRollout({ agentDirectory: directory, codexHome });
  expect(readFileSync(copy, 'utf8')).toBe('went on\n');
});
