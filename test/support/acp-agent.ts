/**
 * An ACP agent on the official SDK that does what the prompt says; a program for tests, started as any agent is:
 *
 *     STUB:text <text>            says it              STUB:hold <text>   says it when `released` is in its directory
 *     STUB:touch <file> <text>    asks whether it may make the file, then says it
 *     STUB:error <code> <text>    fails the turn       STUB:hang          never ends        STUB:die   ends the program
 *     STUB:history                says which prompts this conversation has had
 *
 * `--forgetful` cannot resume a conversation. Conversations are kept in the directory ACP_AGENT_MEMORY.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { agent, type AgentContext, methods, ndJsonStream, RequestError } from '@agentclientprotocol/sdk';

const canLoad = !process.argv.includes('--forgetful');
const memory = process.env['ACP_AGENT_MEMORY'] ?? '.';
const sessions = new Map<string, { cwd: string; prompts: string[]; running: AbortController | null }>();

const fileOf = (sessionId: string): string => join(memory, `${sessionId}.json`);

agent({ name: 'scripted' })
  .onRequest(methods.agent.initialize, () => ({
    protocolVersion: 1,
    agentCapabilities: { loadSession: canLoad },
    authMethods: [],
  }))
  .onRequest(methods.agent.session.new, ({ params }) => {
    const sessionId = randomUUID();
    sessions.set(sessionId, { cwd: params.cwd, prompts: [], running: null });
    return { sessionId };
  })
  .onRequest(methods.agent.session.load, ({ params }) => {
    if (!existsSync(fileOf(params.sessionId))) throw new RequestError(-32602, 'no such session');
    const prompts = JSON.parse(readFileSync(fileOf(params.sessionId), 'utf8')) as string[];
    sessions.set(params.sessionId, { cwd: params.cwd, prompts, running: null });
    return {};
  })
  .onNotification(methods.agent.session.cancel, ({ params }) => sessions.get(params.sessionId)?.running?.abort())
  .onRequest(methods.agent.session.prompt, async ({ params, client }) => {
    const session = sessions.get(params.sessionId);
    if (!session) throw new RequestError(-32602, 'no such session');
    const prompt = params.prompt.flatMap((one) => (one.type === 'text' ? [one.text] : [])).join('\n');
    session.prompts.push(prompt);
    writeFileSync(fileOf(params.sessionId), JSON.stringify(session.prompts));
    const running = new AbortController();
    session.running = running;
    const text = await act({ client, sessionId: params.sessionId, session, prompt, signal: running.signal });
    if (running.signal.aborted) return { stopReason: 'cancelled' as const };
    const update = { sessionUpdate: 'agent_message_chunk' as const, content: { type: 'text' as const, text } };
    await client.notify(methods.client.session.update, { sessionId: params.sessionId, update });
    return { stopReason: 'end_turn' as const };
  })
  .connect(ndJsonStream(Writable.toWeb(process.stdout), Readable.toWeb(process.stdin) as ReadableStream<Uint8Array>));

async function act(here: {
  client: AgentContext;
  sessionId: string;
  session: { cwd: string; prompts: string[]; running: AbortController | null };
  prompt: string;
  signal: AbortSignal;
}): Promise<string> {
  const { client, sessionId, session, prompt, signal } = here;
  const [, word = 'text', rest = prompt] = /STUB:(\w+) ?(.*)/.exec(prompt) ?? [];
  const [first = '', ...others] = rest.split(' ');
  switch (word) {
    case 'history':
      return session.prompts.join(' | ');
    case 'hold':
      return (await appears(session.cwd, 'released', signal)) ? rest : '';
    case 'hang':
      await appears(session.cwd, 'nothing', signal);
      return '';
    case 'die':
      await client.notify(methods.client.session.update, {
        sessionId,
        update: { sessionUpdate: 'agent_thought_chunk', content: { type: 'text', text: 'oh' } },
      });
      return process.exit(3);
    case 'error':
      throw new RequestError(Number(first), others.join(' '));
    case 'touch': {
      const { outcome } = await client.request(methods.client.session.requestPermission, {
        sessionId,
        toolCall: { toolCallId: randomUUID(), title: `touch ${first}`, kind: 'execute', status: 'pending' },
        options: [
          { optionId: 'yes', name: 'Yes', kind: 'allow_once' },
          { optionId: 'always', name: 'Always', kind: 'allow_always' },
          { optionId: 'no', name: 'No', kind: 'reject_once' },
        ],
      });
      if (outcome.outcome === 'cancelled') {
        session.running?.abort(); // it may be read before the cancellation that it comes with
        return '';
      }
      if (outcome.optionId === 'yes') writeFileSync(join(session.cwd, first), '');
      return others.join(' ');
    }
    default:
      return rest;
  }
}

async function appears(directory: string, name: string, signal: AbortSignal): Promise<boolean> {
  const seen = Promise.withResolvers<void>();
  const look = (): void => {
    if (existsSync(join(directory, name))) seen.resolve();
  };
  const watcher = watch(directory, look);
  signal.addEventListener('abort', () => seen.resolve());
  look();
  await seen.promise;
  watcher.close();
  return !signal.aborted;
}
