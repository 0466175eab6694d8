/** What a trigger listens to, in a line that a person reads; pure. */
import type { WorkflowTrigger } from '../../../src/contract/workflow-document.ts';

export function triggerWords(trigger: WorkflowTrigger): string {
  if ('cron' in trigger) return `At ${trigger.cron}, ${trigger.timezone ?? 'UTC'}`;
  if ('webhook' in trigger) return `Webhook ${trigger.webhook}`;
  if ('workflow' in trigger) return `When ${trigger.workflow} ${ENDS[trigger.on ?? 'succeeded']}`;
  if ('agent' in trigger) return `When ${trigger.agent} is ${[trigger.status].flat().join(' or ')}`;
  if ('file' in trigger) return `When ${trigger.file} changes`;
  return `New commits in ${trigger.git}${trigger.branch ? `, branch ${trigger.branch}` : ''}`;
}

const ENDS = { succeeded: 'succeeds', failed: 'fails', any: 'ends' } as const;
