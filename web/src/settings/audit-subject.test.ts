import { expect, test } from 'vitest';
import { auditSubject } from './audit-subject.ts';

const entry = (action: string, subject: string, detail: object = {}) => ({
  seq: 1,
  at: '2026-11-28T05:00:00.000Z',
  actor: 'admin',
  action,
  subject,
  detail: detail as never,
});
const names = new Map([
  ['a1', 'coder'],
  ['w1', 'Release check'],
]);

test('an agent is named and linked; one that is gone keeps its name and has no page', () => {
  expect(auditSubject(entry('agent.change', 'a1', { fields: ['model'] }), names)).toEqual({
    name: 'coder',
    place: { page: 'agent', id: 'a1' },
    decision: null,
  });
  expect(auditSubject(entry('seat.take', 'a1'), names).place).toEqual({ page: 'agent', id: 'a1' });
  expect(auditSubject(entry('agent.remove', 'a9', { name: 'old' }), names)).toEqual({
    name: 'old',
    place: null,
    decision: null,
  });
});

test('a task and a trigger are found where they belong', () => {
  expect(auditSubject(entry('task.create', 't1', { agentId: 'a1' }), names)).toEqual({
    name: 'coder',
    place: { page: 'agent', id: 'a1' },
    decision: null,
  });
  expect(auditSubject(entry('trigger.enable', 'x', { workflowId: 'w1' }), names)).toEqual({
    name: 'Release check',
    place: { page: 'workflow', id: 'w1' },
    decision: null,
  });
});

test('an answer says what was asked', () => {
  const answered = (payload: object) =>
    auditSubject(entry('inbox.resolve', 'i1', { payload, decision: 'allow' }), names);
  expect(answered({ title: 'Release 1.3.0?' })).toEqual({
    name: 'Release 1.3.0?',
    place: { page: 'inbox', id: 'i1' },
    decision: 'allow',
  });
  expect(answered({ tool: 'Bash', command: 'npm test' }).name).toBe('Bash: npm test');
  expect(answered({ tool: 'Write', input: { file_path: 'README.md' } }).name).toBe('Write: README.md');
  expect(answered({ tool: 'Read' }).name).toBe('Read');
  expect(answered({ tool: 'Bash', command: `echo ${'x'.repeat(70_000)}` }).name).toHaveLength(120);
  expect(answered({ tool: 'Bash', command: 'one\ntwo' }).name).toBe('Bash: one');
});

test('what nobody knows has neither a name nor a page', () => {
  for (const detail of [null, 3, 'text', [], { name: 4 }])
    expect(auditSubject(entry('secret.put', 'API_KEY', detail as never), names)).toEqual({
      name: null,
      place: null,
      decision: null,
    });
});
