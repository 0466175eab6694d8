/** What opencode does to a turn that is interrupted, cut off, killed or refused: on the real program. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { agentCliMissing } from '../../../test/support/agent-cli.ts';
import { eventually } from '../../adapters/tmux/testing/temporary-host.ts';
import { connectTo } from '../../ports/agent-driver.conformance.ts';
import { storedConversation } from '../private-file.ts';
import { readTurn } from './conversation.ts';
import { messageIdOf } from './message-id.ts';
import { createOpencodeDriver } from './opencode-driver.ts';
import { opencodeFiles, writeDelivered } from './opencode-files.ts';
import { cuttable, portOf, serverOf, STARTS_TWICE_MS, tool, world } from './testing/opencode-world.ts';

const missing = agentCliMissing('opencode');

describe.skipIf(missing !== null)(`opencode in trouble${missing ? ` (skipped: ${missing})` : ''}`, () => {
  it(
    'installs nothing, is interrupted as early as can be, and finds the end of one that has many messages',
    async () => {
      const registry = await countingServer();
      const env = { npm_config_registry: registry.url };
      const here = await world({ permissionMode: 'bypassPermissions' }, createOpencodeDriver(), env);
      const live = await connectTo(here);
      await live.status('idle');
      const opencode = await serverOf(here.context);
      const conversation = (await storedConversation(here.context.directory)) ?? '';

      // As early as can be: `busy` is told before there is a message that could say how the turn ended.
      for (const turn of ['first', 'second', 'third']) {
        const delivered = live.connection.deliver({ id: turn, prompt: 'STUB:hang' });
        await live.connection.interrupt();
        expect((await live.end(turn)).outcome, turn).toEqual({ status: 'cancelled' });
        expect(await delivered).toEqual({ outcome: 'submitted' });
        await live.status('idle');
      }

      const call = tool('bash', { command: 'true', description: 'nothing' });
      const long = `${Array.from({ length: 5 }, () => call).join('\n')}\nSTUB:text after five`;
      expect(await live.run(long, 'long')).toEqual({ status: 'succeeded', result: { text: 'after five' } });
      const where = { sessionId: conversation, taskId: 'long', pageSize: 2 };
      const { arrived, last, calls } = await readTurn(opencode, where);
      expect({ arrived, text: last?.text, calls: calls.length }).toEqual({
        arrived: true,
        text: 'after five',
        calls: 5,
      });

      expect(registry.requests()).toBe(0);
      expect(await readdir(join(here.context.directory, 'opencode/config/opencode/node_modules'))).toEqual([]);
    },
    STARTS_TWICE_MS,
  );

  it('misses nothing that happened while its stream was broken', async () => {
    const here = await world();
    const wire = await cuttable(await portOf(here.context));
    await writeFile(opencodeFiles(here.context.directory).output, `listening on http://127.0.0.1:${wire.port}\n`);
    const live = await connectTo(here);
    await live.connection.deliver({ id: 'a', prompt: here.prompts.held });
    await here.model.asked(here.prompts.held);
    wire.cut();
    await here.prompts.release();
    const opencode = await serverOf(here.context, wire.behind);
    await eventually(
      async () => JSON.stringify((await opencode.request('GET', '/session/status')).body) === '{}',
      'opencode is idle',
    );
    expect(live.seen.some((one) => one.type === 'task_finished')).toBe(false);
    wire.mend();
    expect((await live.end('a')).outcome).toMatchObject({ status: 'succeeded', result: { text: 'all done' } });

    await live.connection.deliver({ id: 'b', prompt: here.decisions.asking });
    const { requestId } = await live.decision();
    wire.cut();
    await opencode.request('POST', `/permission/${requestId}/reply`, { reply: 'once' });
    await here.model.asked(here.decisions.asking, 2);
    wire.mend();
    expect((await live.end('b')).outcome).toMatchObject({ status: 'succeeded' });
    expect(live.seen.filter((one) => one.type === 'decision_settled')).toHaveLength(1);
    await live.status('idle');

    // What it asks meanwhile is asked afterwards, and an answer waits until it can be given.
    wire.cut();
    const refused = await live.connection.deliver({ id: 'c', prompt: here.decisions.asking });
    expect(refused).toMatchObject({ outcome: 'refused', code: 'DELIVERY_FAILED' });
    wire.mend();
    await live.connection.deliver({ id: 'c', prompt: `${tool('bash', { command: 'true', description: 'asks' })}` });
    wire.cut();
    await eventually(
      async () => JSON.stringify((await opencode.request('GET', '/permission')).body) !== '[]',
      'opencode asks',
    );
    wire.mend();
    const second = await eventually(
      () => live.seen.filter((one) => one.type === 'decision_requested')[1],
      'the second decision',
    );
    await live.status('blocked');
    wire.cut();
    const answered = live.connection.answer(second.requestId, { decision: 'allow' });
    expect(await live.connection.deliver({ id: 'd', prompt: 'not now' })).toMatchObject({ code: 'AGENT_BLOCKED' });
    wire.mend();
    expect(await answered).toEqual({ outcome: 'answered' });
    expect((await live.end('c')).outcome.status).toBe('succeeded');
    await live.status('idle');

    // What it was before, it is also afterwards.
    await live.run('STUB:text Shall I go on?', 'question');
    await live.status('waiting_input');
    const before = live.seen.length;
    wire.cut();
    wire.mend();
    await eventually(
      () => live.seen.slice(before).some((one) => one.type === 'status' && one.status === 'waiting_input'),
      'the status is told again',
    );
  });

  it(
    'knows of a prompt on which the server died whether it arrived, also late, and what became of it',
    async () => {
      // The first prompt of a program is late by itself.
      const here = await world();
      const first = await connectTo(here);
      await first.status('idle');
      first.connection.close();
      const files = opencodeFiles(here.context.directory);
      const opencode = await serverOf(here.context);
      const conversation = await storedConversation(here.context.directory);
      const send = async (id: string, prompt: string, more = {}): Promise<void> => {
        const messageID = messageIdOf(id, Date.now());
        await writeDelivered(files, { taskId: id, messageId: messageID });
        const parts = [{ type: 'text', text: prompt }];
        const body = { messageID, agent: 'build', parts, ...more };
        await opencode.request('POST', `/session/${conversation}/prompt_async`, body);
      };
      const late = { id: 'late', prompt: 'STUB:hold late it went through' };
      await send(late.id, late.prompt);
      const second = await connectTo(here);
      expect(await second.connection.recover(late)).toEqual({ outcome: 'running' });
      here.model.release('late');
      expect((await second.end('late')).outcome).toMatchObject({ result: { text: 'it went through' } });
      second.connection.close();

      // It is in the conversation, and opencode does nothing with it.
      const untouched = { id: 'untouched', prompt: 'STUB:text never' };
      await send(untouched.id, untouched.prompt, { noReply: true });
      const third = await connectTo(here);
      expect(await third.connection.recover(untouched)).toEqual({ outcome: 'running' });
      expect((await third.end('untouched')).outcome).toMatchObject({
        status: 'failed',
        error: { message: 'opencode gave the prompt up before it asked the model' },
      });
      await third.status('idle');
      third.connection.close();
      expect(here.model.requests.map((one) => one.prompt)).toEqual([late.prompt]);
    },
    STARTS_TWICE_MS,
  );

  it(
    'is not busy for ever with a prompt that was refused or never sent',
    async () => {
      const here = await world({}, createOpencodeDriver({ arrivesMs: 2_000 }));
      const first = await connectTo(here);
      await first.status('idle');
      const files = opencodeFiles(here.context.directory);
      const never = { id: 'never', prompt: 'STUB:text only once' };
      await writeDelivered(files, { taskId: never.id, messageId: messageIdOf(never.id, Date.now()) });
      first.connection.close();
      const second = await connectTo(here);
      expect(await second.connection.recover(never)).toEqual({ outcome: 'not_started' });
      expect(await second.run(never.prompt, never.id)).toMatchObject({ result: { text: 'only once' } });

      // Nobody asks what became of it: it was refused, and its task is over.
      const conversation = await storedConversation(here.context.directory);
      const password = await readFile(files.password, 'utf8');
      const query = `directory=${encodeURIComponent(here.context.workspace)}`;
      const deleted = await fetch(`http://127.0.0.1:${await portOf(here.context)}/session/${conversation}?${query}`, {
        method: 'DELETE',
        headers: { authorization: `Basic ${Buffer.from(`opencode:${password}`).toString('base64')}` },
      });
      expect(deleted.status).toBe(200);
      const refused = await second.connection.deliver({ id: 'refused', prompt: 'STUB:text no' });
      expect(refused).toMatchObject({ outcome: 'refused', code: 'DELIVERY_FAILED' });
      second.connection.close();
      const third = await connectTo(here);
      expect(await third.run('STUB:text in a new one', 'next')).toMatchObject({ result: { text: 'in a new one' } });
      third.connection.close();

      // Nor of this one, on which the server died before it was sent.
      await writeDelivered(files, { taskId: 'lost', messageId: messageIdOf('lost', Date.now()) });
      const fourth = await connectTo(here);
      await fourth.status('idle');
      expect(await fourth.run('STUB:text at last', 'last')).toMatchObject({ result: { text: 'at last' } });
    },
    STARTS_TWICE_MS,
  );

  it(
    'is seen again as it is: neither working on what has ended, nor blocked by what an aborted turn asked',
    async () => {
      const here = await world();
      const first = await connectTo(here);
      await first.connection.deliver({ id: 'asks', prompt: `${tool('bash', { command: 'true', description: 'x' })}` });
      await first.status('blocked');
      await first.connection.interrupt();
      expect((await first.end('asks')).outcome).toMatchObject({ status: 'cancelled' });
      await first.run('STUB:text Which one?', 'question');
      await first.status('waiting_input');
      first.connection.close();

      const second = await connectTo(here);
      await second.status('waiting_input');
      expect(second.seen.filter(({ type }) => type === 'status')).toMatchObject([{ status: 'waiting_input' }]);
      await second.connection.deliver({ id: 'held', prompt: 'STUB:hold later done' });
      await here.model.asked('STUB:hold later');
      second.connection.close();

      const third = await connectTo(here);
      await third.status('working');
      here.model.release('later');
      expect((await third.end('held')).outcome).toMatchObject({ status: 'succeeded' });
      await third.status('idle');
      const told = third.seen.flatMap((one) =>
        one.type === 'status' ? [one.status] : one.type === 'decision_requested' ? ['asked'] : [],
      );
      expect(told).toEqual(['working', 'idle']);
    },
    STARTS_TWICE_MS,
  );

  it(
    'says AGENT_EXITED when it was killed in a turn, also if it was to be interrupted, and still after its next start',
    async () => {
      const here = await world();
      const live = await connectTo(here);
      const task = { id: 'a', prompt: 'STUB:hold for-ever never' };
      await live.connection.deliver(task);
      await here.model.asked(task.prompt);
      const { panePid } = here.session.ref;
      process.kill(panePid, 'SIGSTOP');
      const interrupted = live.connection.interrupt({ graceMs: 60_000 });
      process.kill(panePid, 'SIGKILL');
      const exited = { status: 'failed', error: { code: 'AGENT_EXITED' } };
      expect((await live.end('a')).outcome).toMatchObject(exited);
      await interrupted;
      live.connection.close();
      const next = await connectTo(await here.relaunch());
      expect(await next.connection.recover(task)).toMatchObject({ outcome: 'finished', taskOutcome: exited });
      await next.status('idle');
    },
    STARTS_TWICE_MS,
  );
});

/** Answers nothing, and counts who asks. */
async function countingServer(): Promise<{ url: string; requests(): number }> {
  let requests = 0;
  const server = http.createServer((_, response) => {
    requests += 1;
    response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, requests: () => requests };
}
