/** Questions that agents ask by a tool: whose they are is in the name of their request, and they end with their task. */
import { inboxView } from '../inbox-view.ts';
import { payloadHash } from '../payload-hash.ts';
import type { TaskRecord } from '../../ports/store/agents.ts';
import type { StoreTransaction } from '../../ports/store/store.ts';

const PREFIX = 'ask_human:';

/** The same question of the same task has the same id. */
export function toolQuestionId(taskId: string, question: object): string {
  return `${PREFIX}${taskId}:${payloadHash({ ...question })}`;
}

/** A request of a tool of ours: no CLI waits for it, and the tool itself sees the answer. */
export function isToolQuestion(requestId: string): boolean {
  return requestId.startsWith(PREFIX);
}

export async function withdrawToolQuestions(transaction: StoreTransaction, task: TaskRecord): Promise<void> {
  for (const item of await transaction.inbox.openOf({ agentId: task.agentId, type: 'question' })) {
    if (!item.requestId?.startsWith(`${PREFIX}${task.id}:`)) continue;
    const closed = await transaction.inbox.close(item.id, { state: 'withdrawn' });
    if (closed) transaction.publish({ topic: 'inbox', event: 'inbox.closed', data: inboxView(closed) });
  }
}
