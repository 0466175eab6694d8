/** What every agent does: takes a prompt, works while its end is held back, rests; is interrupted; has two waiting. */
import type { Scene } from '../scene.ts';

export const turnScenes: readonly Scene[] = [
  {
    name: 'a prompt is worked on and answered',
    weight: 6,
    async play(stage) {
      const mark = stage.mark();
      const task = await stage.send(mark, stage.stub.held(mark));
      await stage.becomes('working', { since: await stage.stub.asked(mark) });
      await stage.remains('working');
      const since = Date.now();
      stage.stub.release(mark);
      await stage.becomes('idle', { since });
      await stage.ends(task, 'succeeded');
      await stage.remains('idle');
    },
  },
  {
    name: 'it is interrupted, through the agent or through the task',
    weight: 4,
    async play(stage) {
      const mark = stage.mark();
      const task = await stage.send(mark, stage.stub.held(mark));
      await stage.becomes('working', { since: await stage.stub.asked(mark) });
      if (stage.chance.is(0.6)) await stage.remains('working');
      const since = Date.now();
      if (stage.chance.is(0.5)) await stage.act('interrupt');
      else await stage.request('POST', `/api/tasks/${task.id}/cancel`);
      await stage.becomes('idle', { since });
      await stage.ends(task, 'cancelled');
      stage.stub.release(mark);
      await stage.remains('idle');
    },
  },
  {
    name: 'the second of two prompts waits for the first',
    weight: 4,
    async play(stage) {
      const [first, second] = [stage.mark(), stage.mark()];
      const tasks = [
        await stage.send(first, stage.stub.held(first)),
        await stage.send(second, stage.stub.held(second)),
      ] as const;
      await stage.becomes('working', { since: await stage.stub.asked(first) });
      await stage.remains('working');
      const released = Date.now();
      stage.stub.release(first);
      // Between the two it rests, if only for a moment.
      await stage.becomes('idle', { since: released });
      await stage.becomes('working', { since: await stage.stub.asked(second) });
      await stage.ends(tasks[0], 'succeeded');
      await stage.remains('working');
      const since = Date.now();
      stage.stub.release(second);
      await stage.becomes('idle', { since });
      await stage.ends(tasks[1], 'succeeded');
      await stage.remains('idle');
    },
  },
];
