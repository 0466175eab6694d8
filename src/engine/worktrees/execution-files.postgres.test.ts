/** Files of executions on real rows and in a real repository: found for a fork, and let go of when nobody needs them. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createGitWorkspaces } from '../../adapters/git/git-workspaces.ts';
import { executionRow } from '../../adapters/postgres/testing/rows.ts';
import type { ExecutionState, FilesThen } from '../../domain/settle/execution-state.ts';
import type { ExecutionRecord } from '../../ports/store/executions.ts';
import { onStage, stage } from '../budgets/testing/budget-stage.ts';
import { workspaceOf } from '../effects/step-workspace.ts';
import type { EngineContext } from '../engine-context.ts';
import { filesAt, forgetFiles, keepForFork, leftFiles, placeOf } from './execution-files.ts';

onStage();

let place: string;
let context: EngineContext;

beforeEach(async () => {
  place = await realpath(await mkdtemp(path.join(tmpdir(), 'pm-files-')));
  git('init', '--quiet', '--initial-branch=main');
  await writeFile(path.join(place, 'file.txt'), 'one\n');
  git('add', 'file.txt');
  git('-c', 'user.name=Person', '-c', 'user.email=person@example.org', 'commit', '--quiet', '-m', 'one');
  context = { ...stage.context, workspaces: createGitWorkspaces({ directory: path.join(place, '.git/workspaces') }) };
  // Refs carry the time of git's clock, so ours goes along with it here.
  stage.now = new Date().toISOString();
});
afterEach(() => rm(place, { recursive: true, force: true }));

describe('the files of a checkpoint', () => {
  test('are those that the newest step left, and before any step what the worktree is cut from', async () => {
    const execution = await stored();
    const head = git('rev-parse', 'HEAD');
    // Nothing has needed the worktree yet: whatever becomes of the repository, both begin with the same.
    expect(await filesAt(context, execution, then({ outcome: 'first' }))).toBe(head);
    git(
      '-c',
      'user.name=Person',
      '-c',
      'user.email=p@example.org',
      'commit',
      '--quiet',
      '--allow-empty',
      '-m',
      'later',
    );
    expect(await filesAt(context, execution, then({ outcome: 'first' }))).toBe(head);

    const { files } = await left(execution, 'changed\n');
    expect(files).toMatchObject({ outcome: 'kept', number: 1 });
    const commit = (await filesAt(context, execution, then(files))) ?? '';
    expect(git('show', `${commit}:file.txt`)).toBe('changed');
    expect(await filesAt(context, execution, then({ outcome: 'first' }))).toBe(head);
  });

  test.each([
    ['were never kept', undefined, 'before files were kept'],
    ['could not be kept', { outcome: 'lost', reason: 'the disk is full' } as const, 'the disk is full'],
  ])('that %s are refused with the reason', async (_what, files, reason) => {
    await expect(filesAt(context, await stored(), then(files))).rejects.toMatchObject({
      code: 'FILES_NOT_KEPT',
      message: expect.stringContaining(reason),
    });
  });

  test('of a repository that is gone are refused with the reason, and do not hold up the outcome of a step', async () => {
    const execution = await stored();
    const place_ = placeOf(await workspaceOf(context)(execution.id));
    await rm(path.join(place, '.git'), { recursive: true });
    expect(await leftFiles(context, execution.id, place_)).toMatchObject({
      files: { outcome: 'lost', reason: expect.stringContaining('.git/workspaces') },
    });
    await expect(filesAt(context, execution, then({ outcome: 'first' }))).rejects.toMatchObject({
      code: 'FILES_NOT_KEPT',
    });
    const fork = { execution: execution.id, repository: place, commit: 'a'.repeat(40) };
    await expect(keepForFork(context, fork)).rejects.toMatchObject({ code: 'WORKTREE_FAILED' });
  });

  test('are none where the execution shares a directory', async () => {
    const execution = await stored({ path: place });
    expect(await filesAt(context, execution, then(undefined))).toBeNull();
    expect(await leftFiles(context, execution.id, placeOf(await workspaceOf(context)(execution.id)))).toEqual({});
  });
});

test('a worktree of a fork begins with its files, and the one it was forked from is not touched', async () => {
  const original = await stored();
  const { files } = await left(original, 'then\n');
  const commit = (await filesAt(context, original, then(files))) ?? '';
  await left(original, 'now\n');
  const origin = { kind: 'fork', executionId: original.id, checkpoint: 'x', files: commit } as const;
  const fork = await stored({ path: place, isolation: 'worktree' }, { origin });
  expect(await textIn(fork)).toBe('then\n');
  expect(await textIn(original)).toBe('now\n');
  expect(git('log', '--format=%s', `pointsman/${original.id}/main`)).toBe('one');
});

test('files are let go of when their execution is not stored any more, or never was because a fork was interrupted', async () => {
  const stays = await stored();
  const goes = await stored();
  const { files } = await left(stays, 'changed\n');
  await left(goes, 'other\n');
  const never = '0199a1b2-c3d4-7000-8000-000000000099';
  const commit = files?.outcome === 'kept' ? files.commit : expect.fail();
  await keepForFork(context, { execution: never, repository: place, commit });
  git('update-ref', 'refs/pointsman/executions/by-hand/newest', 'HEAD');
  await stage.database.pool.query('DELETE FROM executions WHERE id = $1', [goes.id]);

  await forgetFiles(context);
  expect(keptNames(), 'a fork may be about to be stored').toEqual([stays.id, goes.id, never, 'by-hand'].toSorted());
  stage.now = new Date(Date.now() + 2 * 3_600_000).toISOString();
  await forgetFiles(context);
  expect(keptNames()).toEqual([stays.id, 'by-hand'].toSorted());
  expect(git('show', `${commit}:file.txt`)).toBe('changed');
});

async function stored(
  workspace: object = { path: place, isolation: 'worktree' },
  changes: Partial<ExecutionRecord> = {},
): Promise<ExecutionRecord> {
  const row = executionRow({ document: { nodes: [], workspace }, ...changes });
  await stage.store.executions.insert(row);
  return row;
}

/** A step writes the file and ends. */
async function left({ id }: ExecutionRecord, text: string): Promise<{ files?: FilesThen }> {
  const workspace = await workspaceOf(context)(id);
  if (workspace.outcome === 'failed') return expect.fail(workspace.reason);
  await writeFile(path.join(workspace.path, 'file.txt'), text);
  return leftFiles(context, id, placeOf(workspace));
}

async function textIn({ id }: ExecutionRecord): Promise<string> {
  const workspace = await workspaceOf(context)(id);
  return workspace.outcome === 'ready' ? readFile(path.join(workspace.path, 'file.txt'), 'utf8') : workspace.reason;
}

function then(files: FilesThen | undefined): ExecutionState {
  return { files } as ExecutionState; // nothing else of it is looked at
}

function keptNames(): string[] {
  const refs = git('for-each-ref', '--format=%(refname)', 'refs/pointsman/executions').split('\n');
  return [...new Set(refs.map((ref) => ref.split('/')[3] ?? ''))].toSorted();
}

function git(...args: string[]): string {
  return execFileSync('git', args, { cwd: place, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}
