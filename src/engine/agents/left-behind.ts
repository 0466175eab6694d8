/** What an agent leaves behind that does not run any more: its tasks, what it asked, and why, for a person to decide. */
import type { SessionExit } from '../../ports/agent-host.ts';
import type { AgentRecord } from '../../ports/store/agents.ts';
import type { EffectContext } from '../effects/effect-runner.ts';
import { finishTask } from '../finish-task.ts';
import { inboxView } from '../inbox-view.ts';
import { payloadHash } from '../payload-hash.ts';
import { withdrawDecisions } from './agent-decision.ts';
import { describeExit } from './show-status.ts';

/** Tasks that were on their way when the session was lost before we could watch it. */
export async function abandonTasks(context: EffectContext, agentId: string, exit: SessionExit): Promise<void> {
  await withdrawDecisions(context, agentId, () => true);
  for (const task of await context.store.tasks.open(agentId)) {
    if (task.status === 'queued') continue;
    await finishTask(context, task, {
      status: 'failed',
      error: { code: 'AGENT_EXITED', message: `The agent ended in the middle of the task: ${describeExit(exit)}` },
      uncertain: exit.how === 'lost',
    });
  }
}

/** Nothing waits for an agent that nobody starts. */
export async function failQueued(context: EffectContext, agentId: string, reason: string): Promise<void> {
  for (const task of await context.store.tasks.open(agentId))
    await finishTask(context, task, {
      status: 'failed',
      error: { code: 'AGENT_NOT_RUNNING', message: `The agent does not run: ${reason}` },
    });
}

/** Nothing more while somebody is asked already. */
export async function askAboutCrashes(context: EffectContext, agent: AgentRecord, reason: string): Promise<void> {
  const payload = { agent: agent.name, reason };
  const item = {
    id: context.ids.next(),
    type: 'failure' as const,
    state: 'open' as const,
    title: `${agent.name} keeps crashing`,
    payload,
    hash: payloadHash(payload),
    agentId: agent.id,
    choices: ['restart' as const, 'dismiss' as const],
    createdAt: context.clock.now().toISOString(),
    effectKey: null,
    roles: null,
    form: null,
    requestId: null,
  };
  await context.store.transaction(async (transaction) => {
    if ((await transaction.inbox.openOf({ agentId: agent.id, type: 'failure' })).length > 0) return;
    await transaction.inbox.open(item);
    transaction.publish({ topic: 'inbox', event: 'inbox.opened', data: inboxView(item) });
  });
}
