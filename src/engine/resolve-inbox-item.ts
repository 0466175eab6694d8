/** Takes a person's answer: once, for exactly what was shown, from somebody who may give it, and in time. */
import { PointsmanError } from '../contract/errors.ts';
import type { InboxItem, ResolveInboxItem } from '../contract/inbox.ts';
import { mayAnswer } from '../domain/access.ts';
import { validateAgainstSchema } from '../domain/output-schema.ts';
import type { InboxRecord } from '../ports/store/inbox.ts';
import type { StoreTransaction } from '../ports/store/store.ts';
import { answerBudget } from './budgets/answer-budget.ts';
import type { Actor } from './engine-context.ts';
import { isToolQuestion } from './agent-tools/tool-questions.ts';
import type { EffectContext } from './effects/effect-runner.ts';
import { exactPattern, permissionSubject } from '../domain/permission-policy.ts';
import type { AnswerOutcome } from '../ports/agent-driver.ts';
import { inboxView } from './inbox-view.ts';

/** What an answer can ask of an agent that runs here. */
export interface AnsweredAgents {
  restart(agentId: string): Promise<void>;
  /** Hands a decision to the agent that waits for it; `later` when it cannot be told now. */
  answer(item: InboxRecord): Promise<AnswerOutcome | { outcome: 'later' }>;
}

export async function resolveInboxItem(
  context: EffectContext & { agents: AnsweredAgents },
  request: { id: string; answer: ResolveInboxItem; by: Actor },
): Promise<InboxItem> {
  const { id, answer, by } = request;
  const item = await context.store.inbox.get(id);
  if (!item) throw new PointsmanError('INBOX_ITEM_NOT_FOUND');
  const now = context.clock.now().toISOString();
  refuseUnfit(item, answer, by, now);

  const resolution = {
    decision: answer.decision,
    by: by.name,
    at: now,
    ...(answer.note === undefined ? {} : { note: answer.note }),
  };
  const budget = item.type === 'budget' ? answerBudget(context, { item, answer, by, at: now }) : null;
  let closed: InboxRecord | null = null;
  const close = async (transaction: StoreTransaction): Promise<boolean> => {
    if (budget && !(await budget.apply(transaction))) return false;
    closed = await transaction.inbox.close(id, { state: 'resolved', resolution, form: answer.form });
    if (!closed) return false;
    await transaction.identity.audit({
      actor: by.name,
      action: 'inbox.resolve',
      subject: id,
      detail: { type: item.type, decision: answer.decision, hash: item.hash, payload: item.payload },
    });
    if (answer.decision === 'allow_always') await addRule(context, transaction, { item, by, at: now });
    transaction.publish({ topic: 'inbox', event: 'inbox.closed', data: inboxView(closed) });
    return true;
  };
  const event = eventOf(item, answer, by, now);
  const events = budget ? budget.events : event ? [event] : [];
  const done =
    events.length > 0 && item.executionId
      ? await context.mailroom.post(item.executionId, events, close)
      : await context.store.transaction(close);
  if (!done || !closed) throw await closedError(context, id);
  if (item.type === 'failure' && item.agentId && answer.decision === 'restart')
    await context.agents.restart(item.agentId);
  if (item.requestId !== null && !isToolQuestion(item.requestId)) await handOver(context, closed);
  return inboxView(closed);
}

/** Somebody who answered in the terminal meanwhile was first: this answer changes nothing, and whoever gave it is told. */
async function handOver(context: EffectContext & { agents: AnsweredAgents }, item: InboxRecord): Promise<void> {
  const handed = await context.agents.answer(item);
  if (handed.outcome !== 'gone') return;
  await context.store.transaction(async (transaction) => {
    const overtaken = await transaction.inbox.overtaken(item.id);
    if (!overtaken) return;
    transaction.publish({ topic: 'inbox', event: 'inbox.closed', data: inboxView(overtaken) });
    await transaction.identity.audit({
      actor: item.resolution?.by ?? 'nobody',
      action: 'inbox.overtaken',
      subject: item.id,
      detail: { reason: handed.reason },
    });
  });
  throw new PointsmanError('INBOX_ITEM_CLOSED', { detail: `The answer came too late: ${handed.reason}.` });
}

/** `allow_always` is a rule for exactly this tool and this text, for this agent. */
async function addRule(
  context: EffectContext,
  transaction: StoreTransaction,
  { item, by, at }: { item: InboxRecord; by: Actor; at: string },
): Promise<void> {
  // Written by agent-decision.ts.
  const { tool, command, input } = item.payload as { tool: string; command?: unknown; input?: Record<string, unknown> };
  const subject = permissionSubject(tool, { ...input, ...(command === undefined ? {} : { command }) });
  await transaction.policies.insert({
    id: context.ids.next(),
    effect: 'allow',
    ...(item.agentId ? { agentId: item.agentId } : {}),
    tool,
    ...(subject ? { pattern: exactPattern(subject) } : {}),
    note: `allowed always in the inbox: ${item.title}`.slice(0, 500),
    createdBy: by.name,
    createdAt: at,
  });
}

function refuseUnfit(item: InboxRecord, answer: ResolveInboxItem, by: Actor, now: string): void {
  if (item.state !== 'open' || (item.expiresAt && item.expiresAt <= now)) throw closedErrorOf(item);
  if (item.hash !== answer.hash) throw new PointsmanError('INBOX_ITEM_CHANGED');
  if (!item.choices.includes(answer.decision)) {
    throw new PointsmanError('DECISION_NOT_OFFERED', {
      detail: `“${answer.decision}” is not offered here; choose ${item.choices.join(' or ')}.`,
      problems: [
        {
          path: '/decision',
          code: 'DECISION_NOT_OFFERED',
          message: `Choose one of ${item.choices.join(', ')}.`,
          severity: 'error',
        },
      ],
    });
  }
  if (!mayAnswer(item.roles, by.role))
    throw new PointsmanError('FORBIDDEN', { detail: `Only ${item.roles?.join(' or ')} may answer this.` });
  const schema = item.payload['form'];
  if ((answer.decision === 'approve' || answer.decision === 'answer') && schema && typeof schema === 'object') {
    const problems = validateAgainstSchema(schema as Record<string, unknown>, answer.form ?? {}, '/form');
    if (problems.length > 0)
      throw new PointsmanError('INVALID_REQUEST', { detail: 'The form is not filled in as asked.', problems });
  }
}

function eventOf(item: InboxRecord, answer: ResolveInboxItem, by: Actor, at: string): object | null {
  const key = item.effectKey;
  const form = answer.form === undefined ? {} : { form: answer.form };
  if (!item.executionId || !key) return null;
  if (item.type === 'approval')
    return {
      type: 'approval_answered',
      key,
      at,
      decision: answer.decision,
      by: by.name,
      ...form,
      ...(answer.note === undefined ? {} : { note: answer.note }),
    };
  if (item.type === 'failure')
    return { type: 'failure_resolved', key, at, decision: answer.decision, by: by.name, ...form };
  return null;
}

async function closedError(context: EffectContext, id: string): Promise<PointsmanError> {
  const item = await context.store.inbox.get(id);
  return item ? closedErrorOf(item) : new PointsmanError('INBOX_ITEM_NOT_FOUND');
}

function closedErrorOf(item: InboxItem): PointsmanError {
  const { resolution } = item;
  if (resolution)
    return new PointsmanError('INBOX_ITEM_CLOSED', {
      detail: `It was answered “${resolution.decision}” by ${resolution.by ?? 'nobody'} at ${resolution.at}.`,
    });
  if (item.state === 'withdrawn')
    return new PointsmanError('INBOX_ITEM_CLOSED', { detail: 'It was withdrawn: what asked for it has ended.' });
  return new PointsmanError('INBOX_ITEM_CLOSED', { detail: `It expired at ${item.expiresAt ?? 'some time before'}.` });
}
