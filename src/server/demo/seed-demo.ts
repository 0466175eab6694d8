/**
 * Gives an empty installation something to look at: a sample repository, the starter team, the sample workflow and its
 * first execution. Each part is made only when it is missing, so a start after a crash completes what is there.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { WorkflowDocument } from '../../contract/workflow-document.ts';
import { parseWorkflow } from '../../domain/workflow/parse-workflow.ts';
import type { AgentDefinitions } from '../../engine/agents/agent-definitions.ts';
import { createAgent, type RunnableKinds } from '../../engine/agents/create-agent.ts';
import type { EffectContext } from '../../engine/effects/effect-runner.ts';
import type { Actor } from '../../engine/engine-context.ts';
import { createWorkflow } from '../../engine/save-workflow.ts';
import { startExecution } from '../../engine/start-execution.ts';
import { type Home, writeAtomically } from '../home.ts';
import { makeSampleRepository } from './sample-repository.ts';
import { CLAUDE_TEAM, STARTER_TEAM } from './starter-team.ts';

/** The host opens seven sessions in about a second; a machine where it cannot is told so on the agents themselves. */
const TEAM_WITHIN_MS = 15_000;
const LOOK_EVERY_MS = 50;

export interface SeedDemo {
  engine: EffectContext & { agents: RunnableKinds };
  definitions: AgentDefinitions;
  home: Home;
  /** The directory with team/, release-check/ and the workflows. */
  examples: string;
  /** Whether Claude Code is installed here: then its example is offered too. */
  claudeFound: () => Promise<boolean>;
  by: Actor;
}

/** Leaves an installation alone that was in use before, and one whose demo was completed, whatever became of it since. */
export async function seedDemo(options: SeedDemo): Promise<void> {
  const { engine, definitions, home, examples, claudeFound } = options;
  const folder = path.join(home.path, 'sample');
  const done = path.join(folder, 'complete');
  if (existsSync(done) || (!existsSync(folder) && (await isInUse(engine)))) return;
  await mkdir(folder, { recursive: true, mode: 0o700 });

  const repository = path.join(folder, 'release-check');
  try {
    await makeSampleRepository({ files: path.join(examples, 'release-check'), repository, at: engine.clock.now() });
  } catch (error) {
    // Without git, say. A server without a demo is better than none; the next start tries again.
    return engine.log.warn({ error }, 'the sample repository could not be made, so the demo is left out');
  }
  const withClaude = await claudeFound();
  await giveDefinitions(options);
  for (const { definition: name, ...member } of [...STARTER_TEAM, ...(withClaude ? CLAUDE_TEAM : [])]) {
    if (await engine.store.agents.getByName(member.name)) continue;
    await definitions.use(name, (definition) =>
      createAgent(engine, { ...member, definition, workspace: { path: repository }, autostart: true }, options.by),
    );
  }
  const workflow = await saveOnce(options, 'release-check.yaml', { path: repository });
  if (withClaude) await saveOnce(options, 'ship-a-change.yaml', { path: repository, isolation: 'worktree' });
  if ((await engine.store.executions.list({ workflowId: workflow.id }, { limit: 1 })).length === 0) {
    await untilTeamStarts(engine);
    await startExecution(engine, {
      workflowId: workflow.id,
      version: workflow.version,
      document: workflow.document,
      inputs: {},
      by: options.by,
    });
  }
  writeAtomically(done, '');
}

/** Those that are there already, perhaps with words of the operator's, stay. */
async function giveDefinitions({ definitions, examples, by }: SeedDemo): Promise<void> {
  const there = new Set((await definitions.list()).map(({ file }) => file));
  const missing = STARTER_TEAM.map(({ definition }) => `${definition}.md`).filter((file) => !there.has(file));
  const files = await Promise.all(
    missing.map(async (file) => ({ file, text: await readFile(path.join(examples, 'team', file), 'utf8') })),
  );
  await definitions.import({ files }, by);
}

async function isInUse({ store }: EffectContext): Promise<boolean> {
  return (await store.agents.list({ limit: 1 })).length > 0 || (await store.workflows.list({ limit: 1 })).length > 0;
}

/** The workflow of this example, saved unless one of its name is. The file names no workspace: that is a place on this machine. */
async function saveOnce(
  { engine, examples, by }: SeedDemo,
  file: string,
  workspace: NonNullable<WorkflowDocument['workspace']>,
): Promise<{ id: string; version: number; document: WorkflowDocument }> {
  const source = parseWorkflow(await readFile(path.join(examples, file), 'utf8')).value as WorkflowDocument; // ours, and tested
  for (const { workflow, newest } of await engine.store.workflows.list({ limit: 200 })) {
    if (workflow.name !== source.name) continue;
    return { id: workflow.id, version: newest.version, document: newest.document as unknown as WorkflowDocument }; // stored by createWorkflow
  }
  const saved = await createWorkflow(engine, {
    source: { ...source, workspace },
    draft: false,
    note: 'Example',
    by,
    allow: () => undefined,
  });
  return { id: saved.id, version: saved.version, document: saved.document as unknown as WorkflowDocument }; // validated by createWorkflow
}

/** A step is handed only to an agent that its host has begun to start. */
async function untilTeamStarts({ store, clock, log }: EffectContext): Promise<void> {
  const deadline = clock.now().getTime() + TEAM_WITHIN_MS;
  for (;;) {
    const waiting = (await store.agents.list()).filter(
      (agent) => agent.desired === 'running' && agent.status === 'stopped',
    );
    if (waiting.length === 0) return;
    if (clock.now().getTime() > deadline)
      return log.warn(
        { agents: waiting.map((agent) => agent.name) },
        'agents of the starter team were not started in time',
      );
    await clock.sleep(LOOK_EVERY_MS);
  }
}
