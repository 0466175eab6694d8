/**
 * What an agent asks before it acts: answered by a rule, or put before a person as one inbox item that is answered once.
 * The answer is committed before the agent gets it, so a crash in between hands it over again, never twice decided.
 */
import type { InboxItem } from '../../contract/inbox.ts';
import { decidePermission, permissionSubject } from '../../domain/permission-policy.ts';
import type { DecisionAnswer, DecisionRequest } from '../../ports/agent-driver.ts';
import type { AgentRecord, TaskRecord } from '../../ports/store/agents.ts';
import type { InboxRecord } from '../../ports/store/inbox.ts';
import type { EffectContext } from '../effects/effect-runner.ts';
import { isToolQuestion } from '../agent-tools/tool-questions.ts';
import { inboxView } from '../inbox-view.ts';
import { payloadHash } from '../payload-hash.ts';
import { isAboutTrust } from './workspace-trust.ts';

/** Null: a person is asked. */
export async function decideOrAsk(
  context: EffectContext,
  asked: {
    agentId: string;
    /** Where its session lives at this moment. */
    directory: string;
    task: TaskRecord | null;
    requestId: string;
    request: DecisionRequest;
    at: string;
  },
): Promise<DecisionAnswer | null> {
  const { agentId, requestId, request } = asked;
  const known = await context.store.inbox.byRequest(agentId, requestId);
  if (known) return known.state === 'resolved' ? answerOf(known) : null;
  const agent = await context.store.agents.get(agentId);
  if (!agent) return { decision: 'deny', reason: 'The agent was removed.' };
  const ruled =
    request.kind === 'permission'
      ? decidePermission(await context.store.policies.list(), { agent, tool: request.tool, input: request.input })
      : null;
  const item = itemOf(context, { ...asked, agent });
  if (!ruled?.policy || ruled.effect === 'ask') {
    await context.store.transaction(async (transaction) => {
      if ((await transaction.inbox.open(item)) === 'exists') return;
      transaction.publish({ topic: 'inbox', event: 'inbox.opened', data: inboxView(item) });
    });
    return null;
  }
  const decision = ruled.effect === 'allow' ? ('allow' as const) : ('deny' as const);
  const by = `policy ${ruled.policy.id}`;
  const decided: InboxRecord = {
    ...item,
    state: 'resolved',
    resolution: {
      decision,
      by,
      at: asked.at,
      ...(decision === 'deny' ? { note: ruled.policy.note ?? 'A rule of this team denies it.' } : {}),
    },
  };
  await context.store.transaction(async (transaction) => {
    await transaction.inbox.open(decided);
    await transaction.identity.audit({
      actor: by,
      action: 'inbox.resolve',
      subject: item.id,
      detail: { type: item.type, decision, hash: item.hash, payload: item.payload },
    });
  });
  return answerOf(decided);
}

/** Nobody waits for these any more: the agent was answered elsewhere, went on, or is gone. */
export async function withdrawDecisions(
  context: EffectContext,
  agentId: string,
  isOver: (requestId: string) => boolean,
): Promise<void> {
  const open = await context.store.inbox.openOf({ agentId });
  for (const item of open) {
    if (item.requestId === null || isToolQuestion(item.requestId)) continue;
    // Trust in a directory is not asked by a session, and outlives it.
    if (isAboutTrust(item) || !isOver(item.requestId)) continue;
    await context.store.transaction(async (transaction) => {
      const closed = await transaction.inbox.close(item.id, { state: 'withdrawn' });
      if (closed) transaction.publish({ topic: 'inbox', event: 'inbox.closed', data: inboxView(closed) });
    });
  }
}

/** What the agent is told; `item` has been resolved. */
export function answerOf(item: InboxRecord): DecisionAnswer {
  const { resolution } = item;
  if (resolution?.decision === 'allow' || resolution?.decision === 'allow_always') return { decision: 'allow' };
  if (resolution?.decision === 'answer') return { decision: 'answer', answers: answersIn(item.form) };
  const who = resolution?.by?.startsWith('policy ') ? '' : ` (${resolution?.by ?? 'somebody'})`;
  return { decision: 'deny', reason: resolution?.note ?? `The operator${who} denied this.` };
}

function answersIn(form: unknown): Record<string, string> {
  if (typeof form !== 'object' || form === null) return {};
  return Object.fromEntries(
    Object.entries(form).map(([question, answer]) => [
      question,
      Array.isArray(answer) ? answer.join(', ') : String(answer),
    ]),
  );
}

function itemOf(
  context: EffectContext,
  asked: {
    agent: AgentRecord;
    directory: string;
    task: TaskRecord | null;
    requestId: string;
    request: DecisionRequest;
    at: string;
  },
): InboxRecord {
  const { agent, task, request } = asked;
  const payload = request.kind === 'permission' ? permissionPayload(asked, request) : questionPayload(agent, request);
  const choices: InboxItem['choices'] =
    request.kind === 'permission' ? ['allow', 'deny', 'allow_always'] : ['answer', 'deny'];
  return {
    id: context.ids.next(),
    type: request.kind,
    state: 'open',
    title: titleOf(agent, request),
    payload,
    hash: payloadHash(payload),
    agentId: agent.id,
    ...(task?.executionId ? { executionId: task.executionId } : {}),
    ...(task?.stepId ? { stepId: task.stepId } : {}),
    choices,
    createdAt: asked.at,
    effectKey: null,
    roles: null,
    form: null,
    requestId: asked.requestId,
  };
}

const TITLE_CHARACTERS = 80;

function titleOf(agent: AgentRecord, request: DecisionRequest): string {
  if (request.kind === 'question') return `${agent.name} asks: ${shortened(request.questions[0]?.question ?? '')}`;
  const subject = permissionSubject(request.tool, request.input);
  return `${agent.name} asks to use ${request.tool}${subject ? `: ${shortened(subject)}` : ''}`;
}

function shortened(text: string): string {
  const line = text.split('\n')[0] ?? '';
  return line.length > TITLE_CHARACTERS || line !== text ? `${line.slice(0, TITLE_CHARACTERS)}…` : line;
}

function permissionPayload(
  { agent, directory }: { agent: AgentRecord; directory: string },
  request: Extract<DecisionRequest, { kind: 'permission' }>,
): Record<string, unknown> {
  const { tool, input, cwd, description } = request;
  const diff = diffOf(input);
  const { command, ...rest } = input;
  const reason = description ?? rest['description'];
  if (reason === rest['description']) delete rest['description'];
  const payload = {
    agent: agent.name,
    tool,
    ...(command === undefined ? {} : { command }),
    ...(diff === null ? {} : { diff }),
    cwd: cwd ?? directory,
    ...(typeof reason === 'string' && reason !== command ? { description: reason } : {}),
    ...(Object.keys(rest).length === 0 ? {} : { input: rest }),
  };
  return JSON.parse(JSON.stringify(payload)) as Record<string, unknown>; // what is stored: without the undefined
}

/** An edit or a new file, as lines that go and lines that come. */
function diffOf(input: Record<string, unknown>): string | null {
  const path = typeof input['file_path'] === 'string' ? input['file_path'] : null;
  const before = typeof input['old_string'] === 'string' ? input['old_string'] : '';
  const after = input['new_string'] ?? input['content'];
  if (path === null || typeof after !== 'string') return null;
  const lines = (text: string, mark: string): string[] =>
    text === '' ? [] : text.split('\n').map((line) => `${mark}${line}`);
  return [`@@ ${path} @@`, ...lines(before, '-'), ...lines(after, '+')].join('\n');
}

function questionPayload(
  agent: AgentRecord,
  { questions }: Extract<DecisionRequest, { kind: 'question' }>,
): Record<string, unknown> {
  return {
    agent: agent.name,
    question: questions.map((one) => one.question).join('\n\n'),
    questions,
    /** What `form` of the answer must look like: an answer by question; one of the labels, or words of one's own. */
    form: {
      type: 'object',
      required: questions.map((one) => one.question),
      properties: Object.fromEntries(
        questions.map((one) => [
          one.question,
          {
            type: 'string',
            title: one.header ?? one.question,
            description: one.options
              .map((option) => (option.description ? `${option.label}: ${option.description}` : option.label))
              .join(' · '),
            examples: one.options.map((option) => option.label),
          },
        ]),
      ),
    },
  };
}
