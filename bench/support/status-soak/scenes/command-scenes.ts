/** What a shell does besides: ends with an error, takes ^C, runs what a person types. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Scene } from '../scene.ts';
import type { Stage } from '../stage.ts';

export const commandScenes: readonly Scene[] = [
  {
    name: 'a command ends with an error',
    weight: 4,
    async play(stage) {
      const mark = stage.mark();
      const task = await stage.send(mark, `${stage.stub.held(mark)}; (exit 3)`);
      await stage.becomes('working', { since: await stage.stub.asked(mark) });
      await stage.remains('working');
      const since = Date.now();
      stage.stub.release(mark);
      await stage.becomes('idle', { since });
      await stage.ends(task, 'failed', 'COMMAND_FAILED');
      await stage.remains('idle');
    },
  },
  {
    name: 'a person presses ^C',
    weight: 4,
    async play(stage) {
      const mark = stage.mark();
      const task = await stage.send(mark, stage.stub.held(mark));
      await stage.becomes('working', { since: await stage.stub.asked(mark) });
      await stage.remains('working');
      await stage.becomes('idle', { since: await stage.keys('C-c') });
      await stage.ends(task, 'failed', 'COMMAND_FAILED');
      stage.stub.release(mark);
      await stage.remains('idle');
    },
  },
  {
    name: 'a person runs a command, and a task waits for its end',
    weight: 4,
    async play(stage) {
      const [mine, other] = [stage.mark(), stage.mark()];
      await types(stage, stage.stub.held(mine));
      stage.typed(mine);
      await stage.becomes('working', { since: await stage.stub.asked(mine) });
      const task = await stage.send(other, stage.stub.held(other));
      await stage.remains('working');
      const released = Date.now();
      stage.stub.release(mine);
      await stage.becomes('idle', { since: released });
      await stage.becomes('working', { since: await stage.stub.asked(other) });
      await stage.remains('working');
      const since = Date.now();
      stage.stub.release(other);
      await stage.becomes('idle', { since });
      await stage.ends(task, 'succeeded');
      await stage.remains('idle');
    },
  },
];

async function types(stage: Stage, line: string): Promise<void> {
  await stage.keys('-l', '--', line);
  await delay(50);
  await stage.keys('Enter');
}
