/** What Claude Code does in both of its modes: asks with options, and leaves work in the background. */
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Scene } from '../scene.ts';
import { maybeKillServer } from './model-scenes.ts';

export const claudeScenes: readonly Scene[] = [
  {
    name: 'it asks a question with options',
    weight: 2,
    async play(stage) {
      const mark = stage.mark();
      const options = [
        { label: 'Red', description: 'warm' },
        { label: 'Blue', description: 'cold' },
      ];
      const question = { question: 'Which colour?', header: 'Colour', multiSelect: false, options };
      const script = `STUB:tool AskUserQuestion ${JSON.stringify({ questions: [question] })}\nSTUB:hold ${mark} fine`;
      const task = await stage.send(mark, `${mark}\n${script}`);
      const asked = await stage.stub.asked(mark);
      await stage.becomes('working', { since: asked });
      await stage.becomes('blocked', { since: asked });
      const item = await stage.asked();
      await maybeKillServer(stage, 'blocked');
      await stage.remains('blocked');
      const since = Date.now();
      await stage.resolve(item, { decision: 'answer', form: { 'Which colour?': 'Blue' } });
      await stage.becomes('working', { since });
      await stage.stub.asked(mark, 2);
      await stage.remains('working');
      const released = Date.now();
      stage.stub.release(mark);
      await stage.becomes('idle', { since: released });
      await stage.ends(task, 'succeeded');
      await stage.remains('idle');
    },
  },
  {
    name: 'a subagent works on in the background after its answer',
    weight: 2,
    async play(stage) {
      const [mark, sub] = [stage.mark(), stage.mark()];
      const agent = {
        description: 'look',
        prompt: stage.stub.held(sub, 'the subagent is done'),
        subagent_type: 'general-purpose',
        run_in_background: true,
      };
      const task = await stage.send(
        mark,
        `${mark}\nSTUB:tool Agent ${JSON.stringify(agent)}\nSTUB:text left it running`,
      );
      await stage.becomes('working', { since: await stage.stub.asked(mark) });
      await stage.stub.asked(`${sub}\n`);
      await maybeKillServer(stage, 'working');
      await stage.remains('working');
      const since = Date.now();
      stage.stub.release(sub);
      await stage.becomes('idle', { since });
      await stage.ends(task, 'succeeded');
      await stage.remains('idle');
    },
  },
  {
    name: 'it is interrupted while a subagent works on',
    weight: 1.5,
    async play(stage) {
      const [mark, sub] = [stage.mark(), stage.mark()];
      const agent = {
        description: 'look',
        prompt: stage.stub.held(sub, 'the subagent is done'),
        subagent_type: 'general-purpose',
        run_in_background: true,
      };
      const task = await stage.send(
        mark,
        `${mark}\nSTUB:tool Agent ${JSON.stringify(agent)}\nSTUB:hold ${mark} left it running`,
      );
      await stage.becomes('working', { since: await stage.stub.asked(mark) });
      await stage.stub.asked(`${sub}\n`);
      await stage.stub.asked(mark, 2);
      // After its last words, in the moment of them, or before.
      const moment = stage.chance.weighted([
        { weight: 1, is: 'after' },
        { weight: 1, is: 'in' },
        { weight: 1, is: 'before' },
      ]).is;
      if (moment !== 'before') stage.stub.release(mark);
      if (moment !== 'in') await stage.remains('working');
      const since = await stage.act('interrupt');
      await stage.becomes('idle', { since });
      await stage.ends(task, 'cancelled');
      stage.stub.release(mark);
      stage.stub.release(sub);
      await stage.remains('idle');
    },
  },
  {
    name: 'a command that it left in the background does not hold its turn',
    weight: 1.5,
    async play(stage) {
      const mark = stage.mark();
      const flag = path.join((await stage.agent()).workspace.path, 'go-on');
      rmSync(flag, { force: true });
      const command = { command: 'until [ -e go-on ]; do sleep 0.1; done', run_in_background: true };
      const script = `STUB:tool Bash ${JSON.stringify(command)}\nSTUB:text started`;
      const task = await stage.send(mark, `${mark}\n${script}`);
      await stage.becomes('working', { since: await stage.stub.asked(mark) });
      await stage.becomes('idle', { since: await stage.stub.asked(mark, 2) });
      await stage.ends(task, 'succeeded');
      await maybeKillServer(stage, 'idle');
      await stage.remains('idle');
      // Its end wakes the agent, which answers nobody's prompt then.
      writeFileSync(flag, '');
      await stage.becomes('working');
      await stage.becomes('idle');
      await stage.remains('idle');
    },
  },
];
