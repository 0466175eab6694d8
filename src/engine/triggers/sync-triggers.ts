/** Makes the triggers of a workflow those of its live version, in the transaction that makes it the live one. */
import type { WorkflowTrigger } from '../../contract/workflow-document.ts';
import { identifyTriggers } from '../../domain/triggers/trigger-identity.ts';
import type { StoreTransaction } from '../../ports/store/store.ts';
import type { TriggerRecord } from '../../ports/store/triggers.ts';
import type { EngineContext } from '../engine-context.ts';
import { beginTrigger } from './begin-trigger.ts';

/**
 * Whoever calls holds the workflow's row. One that stays the same keeps its id, its secret and its place; one that comes
 * back, with an older version for example, keeps all but its place: it notices what comes from now on.
 */
export async function syncTriggers(
  { clock, ids }: Pick<EngineContext, 'clock' | 'ids'>,
  transaction: StoreTransaction,
  { workflowId, triggers = [] }: { workflowId: string; triggers: readonly WorkflowTrigger[] | undefined },
): Promise<void> {
  const now = clock.now().toISOString();
  const byKey = (records: TriggerRecord[]) => new Map(records.map((record) => [record.key, record]));
  const kept = byKey(await transaction.triggers.of(workflowId));
  const retired = byKey(await transaction.triggers.retired(workflowId));
  for (const { key, kind, position, config } of identifyTriggers(triggers)) {
    const before = kept.get(key);
    kept.delete(key);
    if (before) {
      await transaction.triggers.rewrite(before.id, { position, config });
      continue;
    }
    const place = await beginTrigger(transaction, config, now);
    const earlier = retired.get(key);
    if (earlier) await transaction.triggers.restore(earlier.id, { position, config, ...place });
    else
      await transaction.triggers.insert({
        ...NEW,
        ...place,
        id: ids.next(),
        workflowId,
        key,
        kind,
        position,
        config,
        createdAt: now,
      });
  }
  await transaction.triggers.retire([...kept.values()].map(({ id }) => id));
  transaction.notify({ channel: 'triggers', key: workflowId });
}

/** Workflows that were saved before there were triggers have none that is kept. */
export async function syncUnknown({
  store,
  clock,
  ids,
}: Pick<EngineContext, 'store' | 'clock' | 'ids'>): Promise<void> {
  for (const { id } of await store.triggers.workflowsWithout()) {
    await store.transaction(async (transaction) => {
      await transaction.workflows.lock(id);
      const live = (await transaction.workflows.withVersion(id, 'live'))?.version;
      if (!live) return;
      const { triggers } = live.document as { triggers?: WorkflowTrigger[] }; // a live version is a valid document
      await syncTriggers({ clock, ids }, transaction, { workflowId: id, triggers });
    });
  }
}

const NEW: Pick<
  TriggerRecord,
  'enabled' | 'revision' | 'secret' | 'secretSetAt' | 'lastFiredAt' | 'lastOutcome' | 'lastExecutionId' | 'lastError'
> = {
  enabled: true,
  revision: 0,
  secret: null,
  secretSetAt: null,
  lastFiredAt: null,
  lastOutcome: null,
  lastExecutionId: null,
  lastError: null,
};
