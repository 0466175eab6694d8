/** Where a trigger begins that is new, or enabled again: at what comes from now on. */
import type { WorkflowTrigger } from '../../contract/workflow-document.ts';
import { nextMoment } from '../../domain/triggers/cron-moments.ts';
import type { StoreTransaction } from '../../ports/store/store.ts';
import type { TriggerPlace } from '../../ports/store/triggers.ts';
import { agentNamed } from './agent-trigger.ts';

export async function beginTrigger(
  transaction: StoreTransaction,
  config: WorkflowTrigger,
  now: string,
): Promise<TriggerPlace> {
  if ('cron' in config) return { nextAt: nextMoment(config, now), cursor: null };
  if ('webhook' in config) return { nextAt: null, cursor: null };
  if ('workflow' in config) return { nextAt: null, cursor: { seq: await transaction.events.seq('executions') } };
  if ('agent' in config) {
    // The number first: a change between the two looks is then seen once more, and is no change.
    const seq = await transaction.events.seq('agents');
    const agent = agentNamed(await transaction.agents.list(), config.agent);
    return { nextAt: null, cursor: { seq, status: agent?.status ?? null } };
  }
  // What it watches is looked at once, to know what a change is.
  return { nextAt: now, cursor: null };
}
