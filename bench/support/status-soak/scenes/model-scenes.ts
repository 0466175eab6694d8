/** What an agent with a model does besides: asks in words, asks for a permission, and is refused by its model. */
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Agent } from '../../../../src/contract/agents.ts';
import type { InboxItem } from '../../../../src/contract/inbox.ts';
import type { Task } from '../../../../src/contract/tasks.ts';
import type { Scene } from '../scene.ts';
import type { Stage } from '../stage.ts';

/** A CLI tries again by itself before it gives up; Codex takes some 20 s. */
const GIVES_UP_WITHIN_MS = 90_000;

export const modelScenes: readonly Scene[] = [
  {
    name: 'its answer ends with a question',
    weight: 3,
    async play(stage) {
      const mark = stage.mark();
      const task = await stage.send(mark, stage.stub.held(mark, 'Shall I go on?'));
      await stage.becomes('working', { since: await stage.stub.asked(mark) });
      const since = Date.now();
      stage.stub.release(mark);
      await stage.becomes('waiting_input', { since });
      await stage.ends(task, 'succeeded');
      await maybeKillServer(stage, 'waiting_input');
      await stage.remains('waiting_input');
    },
  },
  {
    name: 'it asks for a permission and gets it',
    weight: 4,
    async play(stage) {
      const { mark, task, item, made } = await asksForPermission(stage);
      await maybeKillServer(stage, 'blocked');
      await stage.remains('blocked');
      if (made()) throw new Error('it did what it had only asked for');
      const since = Date.now();
      await stage.resolve(item, { decision: 'allow' });
      await stage.becomes('working', { since });
      await stage.stub.asked(mark, 2);
      await stage.remains('working');
      if (!made()) throw new Error('it was allowed and did not do it');
      const released = Date.now();
      stage.stub.release(mark);
      await stage.becomes('idle', { since: released });
      await stage.ends(task, 'succeeded');
      await stage.remains('idle');
    },
  },
  {
    name: 'it asks for a permission and is denied it',
    weight: 3,
    async play(stage) {
      const { mark, task, item, made } = await asksForPermission(stage);
      stage.stub.release(mark);
      const since = Date.now();
      await stage.resolve(item, { decision: 'deny', note: 'not today' });
      await stage.becomes('working', { since });
      await stage.becomes('idle');
      await stage.ends(task, 'succeeded');
      if (made()) throw new Error('it was denied and did it');
      await stage.remains('idle');
    },
  },
  {
    name: 'its task is cancelled while it asks',
    weight: 2,
    async play(stage) {
      const { mark, task, made } = await asksForPermission(stage);
      const since = Date.now();
      await stage.request('POST', `/api/tasks/${task.id}/cancel`);
      await stage.becomes('idle', { since, through: ['working'] });
      await stage.ends(task, 'cancelled');
      stage.stub.release(mark);
      if (made()) throw new Error('it was cancelled and did it');
      await stage.remains('idle');
    },
  },
  {
    name: 'its model refuses its key',
    weight: 1,
    play: async (stage) =>
      fails(stage, { says: 'error 401 no such key', as: 'auth_failed', code: 'AGENT_AUTH_FAILED' }),
  },
  {
    name: 'its model breaks down',
    weight: 1,
    play: async (stage) => fails(stage, { says: 'error 500 broken', as: 'idle', code: 'MODEL_FAILED' }),
  },
  {
    name: 'its model breaks off',
    weight: 0.7,
    play: async (stage) => fails(stage, { says: 'drop', as: 'idle', code: 'MODEL_FAILED' }),
  },
  {
    name: 'its model limits it, and what waits goes on waiting',
    weight: 1,
    async play(stage) {
      const [refused, waiting] = [stage.mark(), stage.mark()];
      const task = await stage.send(refused, `${refused}\nSTUB:error 429 slow down`);
      const next = await stage.send(waiting, stage.stub.held(waiting));
      await stage.becomes('working', { since: await stage.stub.asked(refused) });
      await stage.becomes('rate_limited', { withinMs: GIVES_UP_WITHIN_MS });
      await stage.ends(task, 'failed', 'AGENT_RATE_LIMITED');
      await stage.remains('rate_limited');
      const { body } = await stage.request<Task>('GET', `/api/tasks/${next.id}`);
      if (body.status !== 'queued') throw new Error(`the next one did not wait: it is ${body.status}`);
      // By hand it is tried at once.
      await stage.becomes('stopped', { since: await stage.act('restart') });
      await stage.becomes('starting');
      await stage.becomes('idle');
      await stage.becomes('working', { since: await stage.stub.asked(waiting) });
      const since = Date.now();
      stage.stub.release(waiting);
      await stage.becomes('idle', { since });
      await stage.ends(next, 'succeeded');
      await stage.remains('idle');
    },
  },
  {
    name: 'its model limits it once',
    weight: 1,
    async play(stage) {
      const mark = stage.mark();
      const task = await stage.send(mark, `${mark}\nSTUB:once429 went through`);
      await stage.becomes('working', { since: await stage.stub.asked(mark) });
      await stage.becomes('idle', { through: ['rate_limited', 'working'], withinMs: GIVES_UP_WITHIN_MS });
      await stage.ends(task, 'succeeded');
      await stage.remains('idle');
    },
  },
];

export async function asksForPermission(
  stage: Stage,
): Promise<{ mark: string; task: Task; item: InboxItem; made: () => boolean }> {
  const mark = stage.mark();
  const name = `made-${stage.transitions.length}`;
  const file = path.join((await stage.agent()).workspace.path, name);
  rmSync(file, { force: true });
  const script = `${mark}\n${stage.cli.commandTool(`touch ${name}`)}\nSTUB:hold ${mark} done`;
  const task = await stage.send(mark, script);
  const since = await stage.stub.asked(mark);
  await stage.becomes('working', { since });
  await stage.becomes('blocked', { since });
  return { mark, task, item: await stage.asked(), made: () => existsSync(file) };
}

export async function maybeKillServer(stage: Stage, status: Agent['status']): Promise<void> {
  if (!stage.chance.is(0.12)) return;
  await stage.remains(status);
  await stage.killServer();
}

async function fails(
  stage: Stage,
  { says, as, code }: { says: string; as: Agent['status']; code: string },
): Promise<void> {
  const mark = stage.mark();
  const task = await stage.send(mark, `${mark}\nSTUB:${says}`);
  await stage.becomes('working', { since: await stage.stub.asked(mark) });
  await stage.becomes(as, { withinMs: GIVES_UP_WITHIN_MS });
  await stage.ends(task, 'failed', code);
  await maybeKillServer(stage, as);
  await stage.remains(as);
}
