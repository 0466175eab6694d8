/** What a trigger listens to, in a line that a person reads; pure. */
import type { WorkflowTrigger } from '../../../src/contract/workflow-document.ts';
import { t } from '../words/words.ts';

export function triggerWords(trigger: WorkflowTrigger): string {
  if ('cron' in trigger) return t('At {cron}, {timezone}', { cron: trigger.cron, timezone: trigger.timezone ?? 'UTC' });
  if ('webhook' in trigger) return t('Webhook {webhook}', { webhook: trigger.webhook });
  if ('workflow' in trigger)
    return t('When {workflow} {ENDS}', { workflow: trigger.workflow, ENDS: ENDS[trigger.on ?? 'succeeded'] });
  if ('agent' in trigger)
    return t('When {agent} is {flat}', { agent: trigger.agent, flat: [trigger.status].flat().join(t(' or ')) });
  if ('file' in trigger) return t('When {file} changes', { file: trigger.file });
  return t('New commits in {git}{value}', {
    git: trigger.git,
    value: trigger.branch ? t(', branch {branch}', { branch: trigger.branch }) : '',
  });
}

const ENDS = { succeeded: t('succeeds'), failed: t('fails'), any: t('ends') } as const;
