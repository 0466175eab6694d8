/**
 * An agent asks a person by a tool, and the call is held until the answer. The question is an item of the inbox that
 * belongs to the task: asked again, also after a restart of the server, it is the same item, answered or open.
 */
import type { AgentToolInput } from '../../contract/agent-tools.ts';
import type { McpToolResult } from '../../contract/mcp.ts';
import type { InboxRecord } from '../../ports/store/inbox.ts';
import { answerOf, decideOrAsk } from '../agents/agent-decision.ts';
import { toolQuestionId } from './tool-questions.ts';
import { type Caller, liveCaller, taskOf } from './tool-context.ts';

export async function askHuman(caller: Caller, input: AgentToolInput<'ask_human'>): Promise<McpToolResult> {
  const { context, agent } = caller;
  const task = taskOf(caller);
  const requestId = toolQuestionId(task.id, input);
  const { question, options = [] } = input;
  const asked = { question, options: options.map((label) => ({ label })), multiple: false };
  await decideOrAsk(context, {
    agentId: agent.id,
    directory: liveCaller(caller).directory,
    task,
    requestId,
    request: { kind: 'question', questions: [asked] },
    at: context.clock.now().toISOString(),
  });
  return untilAnswered(caller, requestId);
}

/** Holds the call until the question is closed, and shows meanwhile that the agent waits for a person. */
export async function untilAnswered(caller: Caller, requestId: string): Promise<McpToolResult> {
  caller.held(requestId);
  const live = caller.context.agents.live(caller.agent.id);
  await live?.asks(requestId, true);
  try {
    return told(await untilClosed(caller, requestId));
  } finally {
    await live?.asks(requestId, false);
  }
}

function told(item: InboxRecord | null): McpToolResult {
  if (item?.state !== 'resolved')
    return { outcome: 'refused', text: 'Nobody will answer: the question was withdrawn. Go on without the answer.' };
  const answer = answerOf(item);
  if (answer.decision === 'answer')
    return { outcome: 'done', text: answer.answers[String(item.payload['question'])] ?? '' };
  return { outcome: 'refused', text: answer.decision === 'deny' ? answer.reason : 'There is no answer.' };
}

/** The item once nobody is asked any more; null when it is gone, or nobody listens. */
async function untilClosed({ context, agent, signal }: Caller, requestId: string): Promise<InboxRecord | null> {
  let news = Promise.withResolvers<void>();
  const wake = () => news.resolve();
  const unsubscribe = context.bus.subscribe((notice) => {
    if (notice.channel === 'events' && notice.key === 'inbox') wake();
  }, wake);
  signal.addEventListener('abort', wake);
  try {
    while (!signal.aborted) {
      news = Promise.withResolvers<void>();
      const item = await context.store.inbox.byRequest(agent.id, requestId);
      if (item?.state !== 'open') return item;
      await news.promise;
    }
    return null;
  } finally {
    unsubscribe();
    signal.removeEventListener('abort', wake);
  }
}
