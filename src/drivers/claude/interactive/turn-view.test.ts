/** Payloads as Claude Code 2.1.330 gave them to its hooks. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decisionOf, verdictOf } from './decisions.ts';
import type { Letter } from './letter-box.ts';
import { statusOf, taskOutcome } from './turn-meaning.ts';
import {
  applyExit,
  applyLaunch,
  applyLetter,
  applyLive,
  applyRest,
  emptyView,
  onlySubagentsWork,
  restsSince,
  type TurnEvent,
  type TurnView,
} from './turn-view.ts';

const recorded = JSON.parse(readFileSync(new URL('recorded/hook-payloads.json', import.meta.url), 'utf8')) as Record<
  string,
  Record<string, unknown>
>;

const START = Date.parse('2026-01-01T00:00:00Z');
const at = (seconds: number): string => new Date(START + seconds * 1000).toISOString();

function letter(event: string, seconds: number, changes: Record<string, unknown> = {}): Letter {
  return { name: `${event}-${seconds}`, at: at(seconds), event, body: { ...recorded[event], ...changes } };
}

function started(): TurnView {
  const view = emptyView();
  applyLaunch(view, at(0));
  applyLetter(view, letter('SessionStart', 1));
  applyLive(view, { status: 'idle', since: START + 2000 });
  return view;
}

function working(): TurnView {
  const view = started();
  applyLetter(view, letter('UserPromptSubmit', 3, { prompt_id: 'a', prompt: 'do it' }));
  applyLive(view, { status: 'busy', since: START + 3000 });
  return view;
}

const ends = (events: readonly TurnEvent[]): [string, string, string][] =>
  events.flatMap((one) => (one.type === 'ended' ? [[one.turn.promptId, one.end.how, one.end.text]] : []));

describe('what is known of a Claude Code', () => {
  it('is no rest between the end of a turn and a file that still tells of an answered dialog', () => {
    const view = working();
    applyLetter(view, letter('PermissionRequest', 4));
    applyLive(view, { status: 'waiting', since: START + 4000, waitingFor: 'permission prompt' });
    expect(statusOf(view).status).toBe('blocked');
    view.pending.clear();
    view.dialogAnswered = true;
    applyLetter(view, letter('Stop', 5, { prompt_id: 'a', background_tasks: [] }));
    const seen = [statusOf(view).status];
    applyLive(view, { status: 'busy', since: START + 5050 });
    seen.push(statusOf(view).status);
    applyLive(view, { status: 'idle', since: START + 5080 });
    expect([...seen, statusOf(view).status]).toEqual(['working', 'working', 'idle']);
  });

  it('is that it starts until its input line is there', () => {
    const view = emptyView();
    applyLaunch(view, at(0));
    expect(statusOf(view).status).toBe('starting');
    applyLetter(view, letter('SessionStart', 1));
    expect(statusOf(view).status).toBe('starting');
    applyLive(view, { status: 'idle', since: START + 2000 });
    expect(statusOf(view).status).toBe('idle');
  });

  it('is how a turn ended, by its last hook', () => {
    expect(ends(applyLetter(working(), letter('Stop', 4, { prompt_id: 'a' })))).toEqual([
      ['a', 'stopped', 'Finished after 1 tool call(s). Last result: made'],
    ]);
    const view = working();
    expect(ends(applyLetter(view, letter('StopFailure', 4, { prompt_id: 'a' })))).toEqual([
      ['a', 'failed', 'API Error: 400 nope'],
    ]);
    applyLive(view, { status: 'idle', since: START + 5000 });
    expect(statusOf(view)).toMatchObject({ status: 'idle', reason: expect.stringContaining('400 nope') });
  });

  it('is that a turn was interrupted when it rests without a word of a hook', () => {
    const view = working();
    applyLive(view, { status: 'idle', since: START + 2500 });
    // As it was before the turn: says nothing about it.
    expect(restsSince(view)).toBe(undefined);
    applyLive(view, { status: 'idle', since: START + 4000 });
    expect(restsSince(view)).toBe(at(4));
    expect(ends(applyRest(view, at(4)))).toEqual([['a', 'interrupted', '']]);
    expect([restsSince(view), statusOf(view).status]).toEqual([undefined, 'idle']);
  });

  it('is that a turn goes on while work of its own runs in the background, and its answer is the last one', () => {
    const view = working();
    expect(applyLetter(view, letter('Stop', 4, { prompt_id: 'a', background_tasks: [{ id: 'x' }] }))).toEqual([]);
    applyLive(view, { status: 'idle', since: START + 5000 });
    expect(restsSince(view)).toBe(undefined);
    expect(statusOf(view).status).toBe('working');
    const woken = { prompt_id: 'b', prompt: '<task-notification>\nx has ended' };
    expect(applyLetter(view, letter('UserPromptSubmit', 6, woken))).toEqual([]);
    expect(ends(applyLetter(view, letter('Stop', 7, { prompt_id: 'b', last_assistant_message: 'all of it' })))).toEqual(
      [['a', 'stopped', 'all of it']],
    );
  });

  it('is that only its subagents work once it has answered', () => {
    const view = working();
    expect(onlySubagentsWork(view)).toBe(false);
    applyLetter(view, letter('Stop', 4, { prompt_id: 'a', background_tasks: [{ id: 'x', type: 'subagent' }] }));
    expect(onlySubagentsWork(view)).toBe(true);
    applyLetter(view, letter('UserPromptSubmit', 5, { prompt_id: 'b', prompt: 'and this' }));
    expect(onlySubagentsWork(view)).toBe(false);
  });

  it('is that a command that may run for ever, and a schedule, hold no turn', () => {
    const view = working();
    const left = {
      background_tasks: [{ id: 'x', type: 'shell', status: 'running', command: 'npm run dev' }],
      session_crons: [{ id: 'y', schedule: '*/5 * * * *', recurring: true, prompt: 'look again' }],
    };
    expect(
      ends(applyLetter(view, letter('Stop', 4, { prompt_id: 'a', last_assistant_message: 'runs', ...left }))),
    ).toEqual([['a', 'stopped', 'runs']]);
    applyLive(view, { status: 'shell', since: START + 5000 });
    expect(statusOf(view).status).toBe('idle');
  });

  it('is that a turn was interrupted also while a command of before runs in the background', () => {
    const view = working();
    applyLive(view, { status: 'shell', since: START + 4000 });
    expect(restsSince(view)).toBe(at(4));
  });

  it('is that a question is not asked any more after /clear, and that a refusal stands', () => {
    const cleared = letter('SessionStart', 6, { source: 'clear' });
    const asking = working();
    applyLetter(asking, letter('Stop', 4, { prompt_id: 'a', last_assistant_message: 'Shall I go on?' }));
    applyLive(asking, { status: 'idle', since: START + 5000 });
    applyLetter(asking, cleared);
    expect(statusOf(asking).status).toBe('idle');
    const refused = working();
    applyLetter(refused, letter('StopFailure', 4, { prompt_id: 'a', error: 'authentication_failed' }));
    applyLive(refused, { status: 'idle', since: START + 5000 });
    applyLetter(refused, cleared);
    expect(statusOf(refused).status).toBe('auth_failed');
  });

  it('is that a question at the end of an answer waits for somebody', () => {
    const view = working();
    applyLetter(view, letter('Stop', 4, { prompt_id: 'a', last_assistant_message: 'Which of them do you **want**?' }));
    applyLive(view, { status: 'idle', since: START + 5000 });
    expect(statusOf(view).status).toBe('waiting_input');
  });

  it('is what it asks, until it rests or works again', () => {
    const view = working();
    const asked = letter('PermissionRequest', 4);
    applyLetter(view, asked);
    expect(decisionOf(asked)).toEqual({
      kind: 'permission',
      tool: 'Bash',
      input: recorded['PermissionRequest']?.['tool_input'],
      cwd: '/srv/agent/w2',
      description: 'touch a file',
    });
    expect(statusOf(view).status).toBe('blocked');
    applyLive(view, { status: 'waiting', since: START + 4000, waitingFor: 'permission prompt' });
    expect(applyLive(view, { status: 'busy', since: START + 6000 })).toMatchObject([
      { type: 'settled', name: asked.name },
    ]);
    expect(statusOf(view).status).toBe('working');
  });

  it('is that everything ended with the program', () => {
    expect(ends(applyExit(working(), at(5)))).toEqual([['a', 'exited', '']]);
    expect(ends(applyLaunch(working(), at(5)))).toEqual([['a', 'exited', '']]);
  });
});

describe('the outcome of a task', () => {
  const end = { at: at(5), text: 'so far' } as const;

  it('is cancelled when somebody asked for its end, whatever came then', () => {
    for (const how of ['stopped', 'failed', 'interrupted', 'exited'] as const)
      expect(taskOutcome({ end: { ...end, how }, interrupted: true, exit: undefined }).status).toBe('cancelled');
  });

  it.each([
    ['authentication_failed', 'Please run /login · API Error: 403 no', 'AGENT_AUTH_FAILED'],
    ['rate_limit', 'API Error: Request rejected (429) · slow down', 'AGENT_RATE_LIMITED'],
    ['server_error', 'API Error: 529 overloaded', 'MODEL_FAILED'],
    ['unknown', 'API Error: 400 nope', 'MODEL_FAILED'],
  ])('of a turn that failed with %s has a code of its own', (error, text, code) => {
    expect(
      taskOutcome({ end: { at: at(5), how: 'failed', text, error }, interrupted: false, exit: undefined }),
    ).toMatchObject({
      status: 'failed',
      error: { code, message: expect.stringContaining(text) },
    });
  });
});

describe('a verdict', () => {
  const asked = letter('PermissionRequest', 1);
  const decision = (verdict: string): unknown =>
    (JSON.parse(verdict) as { hookSpecificOutput: { decision: unknown } }).hookSpecificOutput.decision;

  it('is one line in the words of the hook', () => {
    expect(decision(verdictOf(asked, { decision: 'allow' }))).toEqual({ behavior: 'allow' });
    const denied = verdictOf(asked, { decision: 'deny', reason: 'no\nnot today' });
    expect(decision(denied)).toEqual({ behavior: 'deny', message: 'no\nnot today' });
    expect(denied).not.toContain('\n');
  });

  it('to questions is part of their own input', () => {
    const question = letter('PermissionRequest', 1, { tool_name: 'AskUserQuestion', tool_input: { questions: [1] } });
    expect(decision(verdictOf(question, { decision: 'answer', answers: { 'Which?': 'That' } }))).toEqual({
      behavior: 'allow',
      updatedInput: { questions: [1], answers: { 'Which?': 'That' } },
    });
  });
});
