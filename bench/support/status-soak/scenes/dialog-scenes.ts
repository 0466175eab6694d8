/** A person at Claude Code's own terminal: answers its dialogs, presses Esc, types prompts and commands. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Scene } from '../scene.ts';
import type { Stage } from '../stage.ts';
import { asksForPermission } from './model-scenes.ts';

const DIALOG = 'Do you want to';
/** Claude Code takes no key in the first moment of a turn or a dialog: people see that, and press again. */
const TYPED_AGAIN = 5;
/** Ctrl-U takes a line away, and then the break before it. */
const DRAFT_LINES = 8;
const PRESS_AGAIN_MS = 1_000;
const PRESSES = 10;
/** Nothing is announced when nothing has changed. */
const CLEARED_WITHIN_MS = 700;

export const dialogScenes: readonly Scene[] = [
  {
    name: 'a person allows it in the terminal',
    weight: 3,
    async play(stage) {
      const { mark, task, item, made } = await asksForPermission(stage);
      await shows(stage, DIALOG);
      const since = await presses(stage, '1', async () => !(await stage.screen()).includes(DIALOG));
      await stage.becomes('working', { since });
      await stage.stub.asked(mark, 2);
      await stage.remains('working');
      if (!made()) throw new Error('it was allowed and did not do it');
      const late = await stage.request('POST', `/api/inbox/${item.id}/resolve`, { hash: item.hash, decision: 'deny' });
      if (late.status !== 409) throw new Error(`an answer that came too late was taken: ${late.status}`);
      const released = Date.now();
      stage.stub.release(mark);
      await stage.becomes('idle', { since: released });
      await stage.ends(task, 'succeeded');
      await stage.remains('idle');
    },
  },
  {
    name: 'a person denies it in the terminal',
    weight: 3,
    async play(stage) {
      const { mark, task, made } = await asksForPermission(stage);
      await shows(stage, DIALOG);
      const since = await presses(stage, 'Escape', async () => !(await stage.screen()).includes(DIALOG));
      await stage.becomes('idle', { since, through: ['working'] });
      await stage.ends(task, 'cancelled');
      stage.stub.release(mark);
      if (made()) throw new Error('it was denied and did it');
      await stage.remains('idle');
    },
  },
  {
    name: 'a person presses Esc in the middle of a turn',
    weight: 3,
    async play(stage) {
      const mark = stage.mark();
      const task = await stage.send(mark, stage.stub.held(mark));
      await stage.becomes('working', { since: await stage.stub.asked(mark) });
      await stage.remains('working');
      const since = await presses(stage, 'Escape', async () => !(await stage.screen()).includes('esc to interrupt'));
      await stage.becomes('idle', { since });
      await stage.ends(task, 'cancelled');
      stage.stub.release(mark);
      await stage.remains('idle');
    },
  },
  {
    name: 'a person types a prompt, and a task waits for its end',
    weight: 3,
    async play(stage) {
      const [mine, other] = [stage.mark(), stage.mark()];
      await types(stage, `${mine} STUB:hold ${mine} done`);
      stage.typed(mine);
      await stage.becomes('working', { since: await stage.stub.asked(mine) });
      const task = await stage.send(other, stage.stub.held(other));
      await stage.remains('working');
      const released = Date.now();
      stage.stub.release(mine);
      await stage.becomes('idle', { since: released });
      await stage.becomes('working', { since: await stage.stub.asked(other) });
      const since = Date.now();
      stage.stub.release(other);
      await stage.becomes('idle', { since });
      await stage.ends(task, 'succeeded');
      await stage.remains('idle');
    },
  },
  {
    name: 'a person types a prompt in the middle of a task',
    weight: 2,
    async play(stage) {
      const [first, mine] = [stage.mark(), stage.mark()];
      const task = await stage.send(first, stage.stub.held(first));
      await stage.becomes('working', { since: await stage.stub.asked(first) });
      await types(stage, `${mine} STUB:hold ${mine} done`);
      stage.typed(mine);
      await stage.remains('working');
      stage.stub.release(first);
      await stage.stub.asked(mine);
      await stage.ends(task, 'succeeded');
      await stage.remains('working');
      const since = Date.now();
      stage.stub.release(mine);
      await stage.becomes('idle', { since });
      await stage.remains('idle');
    },
  },
  {
    name: 'a person clears the conversation',
    weight: 1.5,
    async play(stage) {
      const { status } = await stage.agent();
      await types(stage, '/clear');
      // Nobody has asked anything any more. It is busy for a moment, which may be seen.
      if (status === 'waiting_input') await stage.becomes('idle', { through: ['working'] });
      else await delay(CLEARED_WITHIN_MS);
      await stage.remains(status === 'waiting_input' ? 'idle' : status, { through: ['working'] });
    },
  },
];

/** Resolves to the moment of the key that was taken. */
async function presses(stage: Stage, key: string, isTaken: () => Promise<boolean>): Promise<number> {
  for (let pressed = 0; pressed < PRESSES; pressed += 1) {
    const at = await stage.keys(key);
    for (const until = at + PRESS_AGAIN_MS; Date.now() < until; await delay(40)) if (await isTaken()) return at;
  }
  throw new Error(`${PRESSES} times ${key} did nothing`);
}

async function types(stage: Stage, text: string): Promise<void> {
  // An Esc before the first word of an answer puts the prompt back into the input line, in its own time: a person looks
  // before Enter, and takes away what is not theirs.
  for (let typed = 0; typed < TYPED_AGAIN; typed += 1) {
    for (let line = 0; line < DRAFT_LINES; line += 1) await stage.keys('C-u');
    await stage.keys('-l', '--', text);
    await shows(stage, text.slice(-12));
    if ((await stage.screen()).replaceAll(/\s+/g, ' ').includes(`❯ ${text}`)) {
      await stage.keys('Enter');
      return;
    }
  }
  throw new Error(`the input line never held this alone: ${text}`);
}

async function shows(stage: Stage, text: string): Promise<void> {
  for (let looked = 0; !(await stage.screen()).replaceAll(/\s+/g, ' ').includes(text); looked += 1) {
    if (looked > 200) throw new Error(`the terminal does not show: ${text}`);
    await delay(40);
  }
}
