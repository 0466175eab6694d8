import { expect, test } from 'vitest';
import { edge, NOW, ScriptedExecution, shell } from './scripted-execution.ts';
import type { FilesThen } from './execution-state.ts';

const document = {
  workspace: { path: '/srv/app', isolation: 'worktree' },
  nodes: [shell('a'), shell('b'), shell('after')],
  edges: [edge('a', 'after'), edge('b', 'after')],
};
const ended = (node: string, files?: FilesThen) =>
  ({ type: 'attempt_succeeded', key: `${node}:1:-:1`, at: NOW, output: {}, ...(files ? { files } : {}) }) as const;
const kept = (commit: string, number: number): FilesThen => ({ outcome: 'kept', commit, number });

test('R23: the state names the files of its moment, in whatever order steps that end together are told', () => {
  const run = new ScriptedExecution(document);
  expect(run.state.files).toEqual({ outcome: 'first' });
  run.apply(ended('b', kept('both', 2)));
  run.apply(ended('a', kept('one', 1)));
  expect(run.state.files).toEqual(kept('both', 2));
  run.apply(ended('after', { outcome: 'lost', reason: 'the disk is full' }));
  expect(run.state.files).toEqual({ outcome: 'lost', reason: 'the disk is full' });
});

test('an outcome that comes late changes no files, and one of a server from before says nothing of them', () => {
  const run = new ScriptedExecution(document);
  run.apply(ended('a'));
  expect(run.state.files).toEqual({ outcome: 'first' });
  run.apply(ended('a', kept('late', 9)));
  expect(run.state.files).toEqual({ outcome: 'first' });
});

test('without a worktree of its own there are none, and what goes on from another begins with its first ones', () => {
  const { workspace: _, ...shared } = document;
  expect(new ScriptedExecution(shared).state.files).toBeUndefined();
  const run = new ScriptedExecution(document);
  run.apply(ended('a', kept('one', 1)));
  expect(run.goOn({}).state.files).toEqual({ outcome: 'first' });
});
