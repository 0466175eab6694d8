// Which trigger of a document is which of those kept: what it listens to, not how it maps what it hears.
import type { TriggerKind } from '../../contract/triggers.ts';
import type { WorkflowTrigger } from '../../contract/workflow-document.ts';

/** A trigger with what makes it the same one in the next version; equal ones are told apart by their order. */
export interface IdentifiedTrigger {
  key: string;
  kind: TriggerKind;
  position: number;
  config: WorkflowTrigger;
}

export function identifyTriggers(triggers: readonly WorkflowTrigger[]): IdentifiedTrigger[] {
  const seen = new Map<string, number>();
  return triggers.map((config, position) => {
    const heard = JSON.stringify(heardOf(config));
    const count = (seen.get(heard) ?? 0) + 1;
    seen.set(heard, count);
    return { key: count === 1 ? heard : `${heard}#${count}`, kind: triggerKind(config), position, config };
  });
}

export function triggerKind(trigger: WorkflowTrigger): TriggerKind {
  return heardOf(trigger)[0];
}

/** A webhook keeps its address as long as it keeps its name. */
function heardOf(trigger: WorkflowTrigger): [TriggerKind, ...string[]] {
  if ('cron' in trigger) return ['cron', trigger.cron.trim(), trigger.timezone ?? 'UTC'];
  if ('webhook' in trigger) return ['webhook', trigger.webhook];
  if ('workflow' in trigger) return ['workflow', trigger.workflow, trigger.on ?? 'succeeded'];
  if ('agent' in trigger) return ['agent', trigger.agent, ...[trigger.status].flat().toSorted()];
  if ('file' in trigger) return ['file', trigger.file];
  return ['git', trigger.git, trigger.branch ?? ''];
}
