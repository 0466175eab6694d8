/** Programs and servers that die and come back: what was true before is true afterwards, and is found. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Scene } from '../scene.ts';
import type { Stage } from '../stage.ts';

/** From the request to a prompt on its way through the driver. */
const DELIVERY_MS = { least: 0, most: 400 };

export const lifeScenes: readonly Scene[] = [
  {
    name: 'its program is killed at rest, and it is restarted once more by hand',
    weight: 1,
    async play(stage) {
      await comesBack(stage, await stage.killProgram());
      await restarts(stage);
    },
  },
  {
    name: 'its program is killed in the middle of a turn',
    weight: 1,
    async play(stage) {
      const mark = stage.mark();
      const task = await stage.send(mark, stage.stub.held(mark));
      await stage.becomes('working', { since: await stage.stub.asked(mark) });
      const since = await stage.killProgram();
      await comesBack(stage, since);
      await stage.ends(task, 'failed', 'AGENT_EXITED');
      stage.stub.release(mark);
      await stage.remains('idle');
      await restarts(stage);
    },
  },
  {
    name: 'the server is killed while it works',
    weight: 1.5,
    async play(stage) {
      const mark = stage.mark();
      const task = await stage.send(mark, stage.stub.held(mark));
      await stage.becomes('working', { since: await stage.stub.asked(mark) });
      await stage.killServer();
      await stage.remains('working');
      const since = Date.now();
      stage.stub.release(mark);
      await stage.becomes('idle', { since });
      await stage.ends(task, 'succeeded');
      await stage.remains('idle');
    },
  },
  {
    name: 'its turn ends while no server runs',
    weight: 1,
    async play(stage) {
      const mark = stage.mark();
      const task = await stage.send(mark, stage.stub.held(mark));
      await stage.becomes('working', { since: await stage.stub.asked(mark) });
      await stage.killServer(() => stage.stub.release(mark));
      await stage.becomes('idle');
      await stage.ends(task, 'succeeded');
      await stage.remains('idle');
    },
  },
  {
    name: 'the server is killed while a prompt is on its way',
    weight: 1.5,
    async play(stage) {
      const mark = stage.mark();
      const task = await stage.send(mark, stage.stub.held(mark));
      await delay(stage.chance.between(DELIVERY_MS.least, DELIVERY_MS.most));
      await stage.killServer();
      await stage.stub.asked(mark);
      await stage.becomes('working');
      await stage.remains('working');
      const since = Date.now();
      stage.stub.release(mark);
      await stage.becomes('idle', { since });
      await stage.ends(task, 'succeeded');
      await stage.remains('idle');
    },
  },
  {
    name: 'it is stopped in the middle of a turn, and started again',
    weight: 0.7,
    async play(stage) {
      const mark = stage.mark();
      const task = await stage.send(mark, stage.stub.held(mark));
      await stage.becomes('working', { since: await stage.stub.asked(mark) });
      await stage.becomes('stopped', { since: await stage.act('stop') });
      await stage.ends(task, 'cancelled');
      await stage.remains('stopped');
      await stage.becomes('starting', { since: await stage.act('start') });
      await stage.becomes('idle');
      stage.stub.release(mark);
      await stage.remains('idle');
    },
  },
  {
    name: 'the server is killed while it starts',
    weight: 0.7,
    async play(stage) {
      await stage.becomes('stopped', { since: await stage.act('stop') });
      await stage.becomes('starting', { since: await stage.act('start') });
      await delay(stage.chance.between(DELIVERY_MS.least, DELIVERY_MS.most));
      await stage.killServer();
      await stage.remains('idle', { through: ['starting'] });
    },
  },
  {
    name: 'the server is killed while it rests',
    weight: 0.5,
    async play(stage) {
      const { status } = await stage.agent();
      await stage.killServer();
      await stage.remains(status);
    },
  },
];

async function comesBack(stage: Stage, since: number): Promise<void> {
  await stage.becomes('crashed', { since });
  await stage.becomes('starting');
  await stage.becomes('idle');
  await stage.remains('idle');
}

/** Also forgets its crashes: three in ten minutes, and an agent is left alone. */
async function restarts(stage: Stage): Promise<void> {
  await stage.becomes('stopped', { since: await stage.act('restart') });
  await stage.becomes('starting');
  await stage.becomes('idle');
  await stage.remains('idle');
}
