import { describe, expect, it } from 'vitest';
import type { IncidentClass } from '../../contract/incidents.ts';
import { classifyIncident, responseTo } from './classify-incident.ts';

const FIXTURES: [kind: IncidentClass, code: string, message: string][] = [
  ['quota', 'rate_limited', 'its model answered with 429'],
  ['quota', 'RATE_LIMITED', 'Too many requests'],
  ['quota', 'BUDGET_EXCEEDED', 'The budget of the execution is used up.'],
  ['quota', 'HTTP_STATUS', 'It answered with status 429.'],
  ['quota', 'NON_ZERO_EXIT', 'Claude usage limit reached'],
  ['permission', 'auth_failed', 'it is not signed in'],
  ['permission', 'AGENT_AUTH_FAILED', 'The agent is not signed in.'],
  ['permission', 'HTTP_STATUS', 'It answered with status 403.'],
  ['permission', 'HTTP_STATUS', 'It answered with status 401.'],
  ['permission', 'NON_ZERO_EXIT', 'cp: cannot create file: Permission denied'],
  ['permission', 'COMMAND_FAILED', 'Error: EACCES: open /etc/x'],
  ['config', 'could_not_start', 'it could not be started: no such program'],
  ['config', 'EXPRESSION_FAILED', 'steps.x has no field y'],
  ['config', 'OUTPUT_FAILED', 'The output cannot be computed.'],
  ['config', 'AGENT_NOT_FOUND', 'There is no such agent'],
  ['config', 'SECRET_NOT_FOUND', 'There is no secret KEY.'],
  ['config', 'WORKSPACE_NOT_A_REPOSITORY', 'It is no repository.'],
  ['config', 'SPAWN_FAILED', 'spawn ENOENT'],
  ['config', 'NON_ZERO_EXIT', 'sh: 1: pnpm: command not found'],
  ['config', 'NON_ZERO_EXIT', 'cat: notes: No such file or directory'],
  ['agent', 'crashed', 'its program ended with exit status 1'],
  ['agent', 'no_signal', 'nothing was heard for 5 minutes'],
  ['agent', 'AGENT_EXITED', 'The agent ended in the middle of the task'],
  ['agent', 'MODEL_FAILED', 'The model gave no answer.'],
  ['agent', 'OUTCOME_UNKNOWN', 'There is no trace of its end.'],
  ['transient', 'TIMEOUT', 'The step took longer than its timeout.'],
  ['transient', 'DATABASE_UNAVAILABLE', 'The database does not answer.'],
  ['transient', 'HTTP_STATUS', 'It answered with status 503.'],
  ['transient', 'HTTP_ERROR', 'connect ECONNREFUSED 10.0.0.1:443'],
  ['bug', 'NON_ZERO_EXIT', '3 tests failed'],
  ['bug', 'LOOP_EXHAUSTED', 'The loop went round ten times.'],
  ['bug', 'INTERNAL', 'x is not a function'],
];

describe('what kind of trouble it is', () => {
  it.each(FIXTURES)('is %s for %s: %s', (kind, code, message) => {
    const found = classifyIncident({ code, message });
    expect(found.class).toBe(kind);
    expect(found.rule).toMatch(/is always of this class$|^the message says “.+”$|^no other class has a rule for /);
  });

  it('believes a code of one meaning more than the words beside it', () => {
    expect(classifyIncident({ code: 'TIMEOUT', message: 'it waited for a rate limit' })).toEqual({
      class: 'transient',
      rule: 'TIMEOUT is always of this class',
    });
  });

  it('asks a person about what does not heal by itself, and when nothing more is tried', () => {
    expect(responseTo({ class: 'quota', spent: false })).toBe('automatic');
    expect(responseTo({ class: 'agent', spent: false })).toBe('automatic');
    expect(responseTo({ class: 'transient', spent: true })).toBe('manual');
    expect(responseTo({ class: 'permission', spent: false })).toBe('manual');
    expect(responseTo({ class: 'bug', spent: false })).toBe('manual');
  });
});
