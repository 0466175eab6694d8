/** The examples are what newcomers copy from: they are valid, and their commands do what they say. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readDefinition } from '../../domain/agent-definition.ts';
import { ScriptedExecution } from '../../domain/settle/scripted-execution.ts';
import { validateWorkflow } from '../../domain/workflow/validate-workflow.ts';
import { makeSampleRepository } from './sample-repository.ts';
import { STARTER_TEAM } from './starter-team.ts';

const EXAMPLES = path.resolve(import.meta.dirname, '../../../examples');
const read = (file: string) => readFileSync(path.join(EXAMPLES, file), 'utf8');
const agents = STARTER_TEAM.map(({ name, capabilities }) => ({ id: name, name, capabilities }));
const CHECKS = ['version', 'tests', 'size', 'leftovers'];

describe('the starter team', () => {
  test('has a definition for each agent, and no other', () => {
    expect(readdirSync(path.join(EXAMPLES, 'team')).toSorted()).toEqual(
      STARTER_TEAM.map(({ name }) => `${name}.md`).toSorted(),
    );
  });

  test.each(STARTER_TEAM.map(({ name }) => name))('%s is named as its file and says when to use it', (name) => {
    const { definition } = readDefinition(read(`team/${name}.md`));
    expect(definition).toMatchObject({ name, description: expect.stringContaining('Use it') });
    expect(definition?.instructions.split('\n').length).toBeGreaterThanOrEqual(15);
  });
});

describe('Release check', () => {
  test('is valid for the starter team without a warning', () => {
    expect(validateWorkflow(read('release-check.yaml'), { agents })).toMatchObject({ valid: true, problems: [] });
  });

  test(
    'runs on its repository as a person would see it: four checks, a question, a tag, a report',
    { timeout: 60_000 },
    async () => {
      const repository = await sample();
      const execution = new ScriptedExecution(read('release-check.yaml'), { version: 'next' });
      expect(execution.find('start_attempt').map(({ step }) => step.nodeId)).toEqual(CHECKS);
      await Promise.all(CHECKS.map((node) => carryOut(execution, node, repository)));

      const [question] = execution.find('open_approval');
      expect(question?.title).toBe('Release 1.3.0?');
      expect(question?.body).toMatch(/^Tests: pass \d+, fail 0, skipped 0\nSize: \d+ lines in all\n/);
      expect(question?.body).toContain('TODO');
      expect(question?.body).not.toContain('FIXME');
      execution.answer('approve', 'approve');

      await carryOut(execution, 'release', repository);
      expect(execution.finish).toEqual({
        type: 'finish',
        status: 'succeeded',
        outputs: { released: true, version: '1.3.0', reason: 'approved by ada' },
      });
      const tag = await promisify(execFile)('git', ['show', '--no-patch', '--format=%an: %s', 'v1.3.0'], {
        cwd: repository,
      });
      expect(tag.stdout).toContain('Release agent: Release 1.3.0');
      expect(readFileSync(path.join(repository, 'CHANGELOG.md'), 'utf8')).toMatch(
        /## Unreleased\n\n## 1\.3\.0 – \d{4}-\d\d-\d\d\n\n- /,
      );
    },
  );

  test('is held when it is rejected', () => {
    const execution = checked({});
    execution.answer('approve', 'reject');
    expect(execution.finish).toMatchObject({
      status: 'succeeded',
      outputs: { released: false, version: '1.3.0', reason: 'rejected by ada' },
    });
    expect(execution.status('release')).toBe('skipped');
  });

  test.each([
    ['the tests fail', { tests: null }],
    ['the version is not new', { version: null }],
    ['a FIXME is left', { leftovers: 'src/a.js:1:// FIXME\nEvery file was read.' }],
  ])('asks nobody when %s', (reason, outcomes) => {
    const execution = checked(outcomes);
    expect(execution.find('open_approval')).toEqual([]);
    expect(execution.finish).toMatchObject({ status: 'succeeded', outputs: { released: false, reason } });
  });

  test('lets nothing but a version into a command line', () => {
    const { document } = validateWorkflow(read('release-check.yaml'));
    const { pattern: source } = { pattern: '', ...(document?.inputs?.['version'] as object | undefined) };
    const pattern = new RegExp(source, 'u');
    expect(['next', '1.2.3'].every((version) => pattern.test(version))).toBe(true);
    expect(['1.2.3; id', '1.2.3\n', '$(id)', '', '1.2', 'v1.2.3'].some((version) => pattern.test(version))).toBe(false);
    const execution = checked({ version: '1.2.3; id' });
    expect(execution.find('open_approval')).toEqual([]);
  });
});

describe('Ship a change', () => {
  test('is valid, and says which capabilities it waits for', () => {
    const { valid, problems } = validateWorkflow(read('ship-a-change.yaml'), { agents });
    expect(valid).toBe(true);
    expect(problems.map(({ code, nodeId }) => `${nodeId} ${code}`)).toEqual(
      ['plan', 'implement', 'review'].map((node) => `${node} NO_AGENT_WITH_CAPABILITY`),
    );
    const team = [...agents, { id: 'claude', name: 'claude', capabilities: ['planning', 'coding'] }];
    expect(validateWorkflow(read('ship-a-change.yaml'), { agents: team }).problems).toEqual([]);
  });

  test('gives a failure of the tests back twice before it gives up', () => {
    const execution = new ScriptedExecution(read('ship-a-change.yaml'), { change: 'Read weeks' });
    execution.succeed('plan', { text: '1. Do it.' });
    for (const iteration of [1, 2, 3]) {
      const { key, prompt } = newestAttempt(execution, 'implement');
      expect(prompt).toContain('1. Do it.');
      expect(prompt.includes('Correct the cause'), `iteration ${iteration}`).toBe(iteration > 1);
      execution.succeed(key, { text: 'done' });
      execution.fail(newestAttempt(execution, 'test').key, 'COMMAND_FAILED', { text: '1 failed', exitCode: 1 });
    }
    expect(execution.finish).toMatchObject({ status: 'failed', error: { code: 'COMMAND_FAILED' } });
  });
});

async function sample(): Promise<string> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'pointsman-examples-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const repository = path.join(folder, 'release-check');
  await makeSampleRepository({ files: path.join(EXAMPLES, 'release-check'), repository, at: new Date() });
  return repository;
}

/** Runs a node's command line in bash, as its agent would. */
async function carryOut(execution: ScriptedExecution, node: string, repository: string): Promise<void> {
  const { key, prompt } = newestAttempt(execution, node);
  expect(prompt, 'is one line').not.toContain('\n');
  const { stdout } = await promisify(execFile)('bash', ['--norc', '-c', prompt], { cwd: repository });
  execution.succeed(key, { text: stdout.trimEnd(), exitCode: 0 });
}

function newestAttempt(execution: ScriptedExecution, node: string): { key: string; prompt: string } {
  const start = execution.find('start_attempt').findLast(({ step }) => step.nodeId === node);
  if (!start) throw new Error(`${node} was not started`);
  return { key: start.key, prompt: String(start.config['prompt']) };
}

/** With the four checks done: what each printed, null where it failed. */
function checked(outcomes: Record<string, string | null>): ScriptedExecution {
  const usual = {
    version: '1.3.0',
    tests: 'ℹ tests 20\nℹ pass 20\nℹ fail 0',
    size: '  400 lines in all',
    leftovers: 'Every file was read.',
  };
  const execution = new ScriptedExecution(read('release-check.yaml'), { version: 'next' });
  for (const [node, text] of Object.entries({ ...usual, ...outcomes })) {
    if (text === null) execution.fail(node, 'COMMAND_FAILED', { text: 'no', exitCode: 1 });
    else execution.succeed(node, { text, exitCode: 0 });
  }
  return execution;
}
