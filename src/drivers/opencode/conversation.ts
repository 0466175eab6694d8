/** The one conversation of an agent in `opencode serve`: opened or resumed, read, and counted with those of its helpers. */
import type { LaunchContext, UsageTotal } from '../../ports/agent-driver.ts';
import { forgetConversation, storeConversation, storedConversation } from '../private-file.ts';
import { isMessageOf } from './message-id.ts';
import { isObject, list } from '../json-row.ts';
import { type Message, messageOf, type MessagePart, type SessionInfo, sessionOf } from './opencode-event.ts';
import { permissionRules } from './opencode-permissions.ts';
import { type OpencodeServer, refusal } from './opencode-server.ts';

/** Most turns are shorter; a longer one takes another request. */
const PAGE_SIZE = 200;

/** Stored before its first prompt, so that no prompt is ever in a conversation that nobody remembers. */
export async function openConversation(server: OpencodeServer, context: LaunchContext): Promise<SessionInfo> {
  const found = await existing(server, context);
  const rules = permissionRules(context.permissionMode);
  const session = found ?? (await created(server, { title: context.name, permission: rules }));
  // What is told later is added behind, and the last rule that fits decides.
  if (JSON.stringify(session.permission.slice(-rules.length)) !== JSON.stringify(rules))
    await done(server, 'PATCH', `/session/${session.id}`, { permission: rules });
  await storeConversation(context.directory, session.id);
  return session;
}

async function existing(server: OpencodeServer, { directory, workspace }: LaunchContext): Promise<SessionInfo | null> {
  const stored = await storedConversation(directory);
  if (stored === null) return null;
  const { status, body } = await server.request('GET', `/session/${stored}`);
  if (status === 404) {
    await forgetConversation(directory);
    return null;
  }
  const session = sessionOf(isObject(body) ? body : {});
  if (session.id === '') throw new Error(refusal({ status, body }));
  if (session.directory === workspace) return session;
  // It works where its conversation is. Between checkouts of one repository it can be moved, elsewhere it cannot.
  const moved = await server.request('POST', '/experimental/control-plane/move-session', {
    sessionID: stored,
    destination: { directory: workspace },
  });
  if (moved.status < 300) return { ...session, directory: workspace };
  const others = await server.request('GET', `/session?limit=1&roots=true`);
  const [newest] = list(others.body).filter(isObject).map(sessionOf);
  return newest?.directory === workspace ? newest : null;
}

/** With a title, or opencode would ask the model for one. */
async function created(server: OpencodeServer, body: object): Promise<SessionInfo> {
  return sessionOf(await done(server, 'POST', '/session', body));
}

async function done(
  server: OpencodeServer,
  method: 'GET' | 'POST' | 'PATCH',
  path: string,
  body?: object,
): Promise<Record<string, unknown>> {
  const answer = await server.request(method, path, body);
  if (answer.status >= 300 || !isObject(answer.body)) throw new Error(refusal(answer));
  return answer.body;
}

export interface TurnRecord {
  /** The prompt of the task is in the conversation. */
  arrived: boolean;
  /** The last that the model said to it, null before its first word. */
  last: Message | null;
  /** Of tools, in the whole turn. */
  calls: MessagePart[];
}

/** What the conversation says of a task; from its end back until the prompt is found. */
export async function readTurn(
  server: Pick<OpencodeServer, 'request'>,
  where: {
    sessionId: string;
    taskId: string;
    pageSize?: number;
    /** Only for a prompt that cannot be far back. */
    newestOnly?: boolean;
  },
): Promise<TurnRecord> {
  const { sessionId, taskId, pageSize = PAGE_SIZE, newestOnly = false } = where;
  const absent = { arrived: false, last: null, calls: [] };
  const path = `/session/${sessionId}/message?limit=${pageSize}`;
  let messages: Message[] = [];
  let next: string | null = null;
  do {
    const page = await server.request('GET', next === null ? path : `${path}&before=${encodeURIComponent(next)}`);
    if (page.status === 404) return absent;
    if (page.status >= 300) throw new Error(refusal(page));
    messages = [...list(page.body).filter(isObject).map(messageOf), ...messages];
    const start = messages.findIndex((one) => one.role === 'user' && isMessageOf(taskId, one.id));
    if (start !== -1) return recordOf(messages.slice(start + 1));
    next = page.next;
  } while (next !== null && !newestOnly);
  return absent;
}

function recordOf(after: Message[]): TurnRecord {
  // When opencode has shortened the conversation in the middle of a turn, it goes on in the user's name, without words.
  const another = after.findIndex((one) => one.role === 'user' && one.text !== '');
  const mine = another === -1 ? after : after.slice(0, another);
  return {
    arrived: true,
    last: mine.findLast((one) => one.role === 'assistant' && !one.summary) ?? null,
    calls: mine.flatMap((one) => one.calls),
  };
}

/** What the conversation has used since its first word, its helpers' own conversations with it. */
export async function readUsage(server: OpencodeServer, sessionId: string): Promise<UsageTotal> {
  const total = { inputTokens: 0, outputTokens: 0, cost: 0 };
  const waiting = [sessionOf(await done(server, 'GET', `/session/${sessionId}`))];
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    total.inputTokens += one.inputTokens;
    total.outputTokens += one.outputTokens;
    total.cost += one.cost;
    const { body } = await server.request('GET', `/session/${one.id}/children`);
    waiting.push(...list(body).filter(isObject).map(sessionOf));
  }
  return total;
}
