/** `pointsman audit`: who did what, whether that was rewritten, and all of it for another system. */
import type { AuditEntry } from '../../contract/audit.ts';
import type { CommandIo } from '../command-io.ts';
import { EXIT } from '../output/exit-codes.ts';
import { printableLine } from '../output/printable-text.ts';
import { type CommonOptions, openSession } from '../session.ts';

interface AuditFilter {
  actor?: string;
  action?: string;
  subject?: string;
}

export interface AuditOptions extends CommonOptions, AuditFilter {
  limit: number;
}

export interface ExportAuditOptions extends CommonOptions, AuditFilter {
  format: 'jsonl' | 'cloudevents';
}

export async function showAudit(io: CommandIo, options: AuditOptions): Promise<void> {
  const { api, print } = openSession(io, options);
  const { items, more } = await api.list('listAudit', { query: filterOf(options) }, options.limit);
  if (options.json) return print.json(items);
  print.table<AuditEntry>(
    [
      { title: 'WHEN', value: ({ at }) => at },
      { title: 'WHO', value: (entry) => printableLine(entry.actor), shrinks: true },
      { title: 'DID', value: (entry) => entry.action },
      { title: 'TO', value: (entry) => printableLine(entry.subject) },
      { title: 'WITH', value: ({ detail }) => printableLine(JSON.stringify(detail)), shrinks: true },
    ],
    items,
    'Nothing of this kind was done.',
  );
  if (more) print.note('There is more; raise --limit.');
}

export async function verifyAudit(io: CommandIo, options: CommonOptions): Promise<number> {
  const { api, print } = openSession(io, options);
  const verdict = await api.call('verifyAudit');
  const { intact, entries, sealedTo, problems } = verdict;
  if (options.json) print.json(verdict);
  else {
    for (const { seq, to, message } of problems)
      print.line(`${to === undefined || to === seq ? `entry ${seq}` : `entries ${seq} to ${to}`}: ${message}`);
    print.line(
      intact
        ? `The audit is intact: ${entries} entries, sealed to ${sealedTo ?? 'none yet'}.`
        : 'The audit was changed. Compare these entries with a backup or with what was exported.',
    );
  }
  return intact ? EXIT.ok : EXIT.failed;
}

/** One line of JSON per entry, oldest first. */
export async function exportAudit(io: CommandIo, options: ExportAuditOptions): Promise<void> {
  const { api } = openSession(io, options);
  for await (const entries of api.pages('listAudit', { query: { ...filterOf(options), order: 'oldest' } }))
    for (const entry of entries)
      io.stdout.write(`${JSON.stringify(options.format === 'cloudevents' ? cloudEvent(entry) : entry)}\n`);
}

/** CloudEvents 1.0 in JSON: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md */
function cloudEvent({ seq, at, actor, action, subject, detail, requestId }: AuditEntry): Record<string, unknown> {
  return {
    specversion: '1.0',
    id: String(seq),
    source: '/pointsman/audit',
    type: `pointsman.audit.${action}`,
    subject,
    time: at,
    datacontenttype: 'application/json',
    data: { actor, detail, ...(requestId === undefined ? {} : { requestId }) },
  };
}

function filterOf({ actor, action, subject }: AuditFilter): AuditFilter {
  return {
    ...(actor === undefined ? {} : { actor }),
    ...(action === undefined ? {} : { action }),
    ...(subject === undefined ? {} : { subject }),
  };
}
