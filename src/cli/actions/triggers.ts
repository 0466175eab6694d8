/** `pointsman triggers`: what starts workflows by itself. */
import type { Trigger } from '../../contract/triggers.ts';
import type { CommandIo } from '../command-io.ts';
import { findWorkflow, pickTrigger } from '../find-named.ts';
import { ago } from '../output/quantities.ts';
import { shortIds } from '../output/short-ids.ts';
import { type CommonOptions, openSession } from '../session.ts';

export async function listTriggers(
  io: CommandIo,
  options: CommonOptions & { workflow?: string; limit?: number },
): Promise<void> {
  const { api, print } = openSession(io, options);
  const workflow = options.workflow === undefined ? null : await findWorkflow(api, options.workflow);
  const { items, more } = await api.list(
    'listTriggers',
    workflow ? { query: { workflow: workflow.id } } : {},
    options.limit,
  );
  if (options.json) return print.json(items);
  const short = shortIds(items.map(({ id }) => id));
  print.table<Trigger>(
    [
      { title: 'ID', value: ({ id }) => short(id) },
      { title: 'WORKFLOW', value: (trigger) => trigger.workflowName, shrinks: true },
      { title: 'STARTS IT', value: startsIt, shrinks: true },
      { title: 'NEXT', value: nextOf },
      { title: 'LAST', value: lastOf },
      { title: 'ERROR', value: ({ lastError }) => lastError?.message ?? '', shrinks: true },
    ],
    items,
    'There are no triggers. A workflow document has them under `triggers`.',
  );
  if (more) print.note('There are more; raise --limit.');
}

/** In a few words of the document. */
function startsIt({ trigger }: Trigger): string {
  if ('cron' in trigger) return `cron ${trigger.cron} ${trigger.timezone ?? 'UTC'}`;
  if ('webhook' in trigger) return `webhook ${trigger.webhook}`;
  if ('workflow' in trigger) return `workflow ${trigger.workflow} ${trigger.on ?? 'succeeded'}`;
  if ('agent' in trigger) return `agent ${trigger.agent} ${[trigger.status].flat().join(', ')}`;
  if ('file' in trigger) return `file ${trigger.file}`;
  return `git ${trigger.git} ${trigger.branch ?? ''}`.trim();
}

function nextOf({ enabled, kind, nextAt, secretSetAt }: Trigger): string {
  if (!enabled) return 'disabled';
  if (kind === 'cron') return nextAt ?? 'never';
  return kind === 'webhook' && !secretSetAt ? 'needs a secret' : 'when it happens';
}

function lastOf({ lastFiredAt, lastOutcome }: Trigger): string {
  return lastFiredAt === undefined ? '' : `${lastOutcome ?? ''} ${ago(lastFiredAt)}`.trim();
}

export async function switchTrigger(
  io: CommandIo,
  options: CommonOptions & { trigger: string; enabled: boolean },
): Promise<void> {
  const { api, print } = openSession(io, options);
  const { id } = await pickTrigger(api, options.trigger);
  const trigger = await api.call('updateTrigger', { params: { id }, body: { enabled: options.enabled } });
  if (options.json) return print.json(trigger);
  print.line(
    trigger.enabled
      ? `${trigger.workflowName} is started by ${startsIt(trigger)} again.`
      : `${trigger.workflowName} is not started by ${startsIt(trigger)} any more.`,
  );
}

export async function rotateSecret(io: CommandIo, options: CommonOptions & { trigger: string }): Promise<void> {
  const { api, print } = openSession(io, options);
  const { id } = await pickTrigger(api, options.trigger);
  const rotated = await api.call('rotateTriggerSecret', { params: { id } });
  if (options.json) return print.json(rotated);
  print.line(`Address: ${rotated.address}`);
  print.line(`Secret:  ${rotated.secret}`);
  print.note('It is not shown again. What was signed with the one before is refused from now on.');
}
