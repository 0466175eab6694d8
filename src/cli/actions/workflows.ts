/** `pointsman workflows`: saved workflows, as files and back. */
import { writeFileSync } from 'node:fs';
import { stringify as toYaml } from 'yaml';
import type { Workflow } from '../../contract/workflows.ts';
import type { CommandIo } from '../command-io.ts';
import { findWorkflow } from '../find-named.ts';
import { printable, printableJson } from '../output/printable-text.ts';
import { ago } from '../output/quantities.ts';
import { shortIds } from '../output/short-ids.ts';
import { type CommonOptions, openSession } from '../session.ts';
import { UsageError } from '../usage-error.ts';

export async function listWorkflows(io: CommandIo, options: CommonOptions & { limit?: number }): Promise<void> {
  const { api, print } = openSession(io, options);
  const { items, more } = await api.list('listWorkflows', {}, options.limit);
  if (options.json) return print.json(items);
  const short = shortIds(items.map((workflow) => workflow.id));
  print.table<Workflow>(
    [
      { title: 'ID', value: (workflow) => short(workflow.id) },
      { title: 'NAME', value: (workflow) => workflow.name, shrinks: true },
      { title: 'VERSION', value: (workflow) => String(workflow.version), align: 'right' },
      { title: 'LIVE', value: (workflow) => String(workflow.liveVersion ?? '-'), align: 'right' },
      {
        title: 'STATE',
        value: (workflow) => (workflow.draft ? 'draft' : 'valid'),
        paint: (cell, workflow) => print.paint(workflow.draft ? 'yellow' : 'green', cell),
      },
      { title: 'CHANGED', value: (workflow) => ago(workflow.updatedAt) },
      { title: 'BY', value: (workflow) => workflow.createdBy },
    ],
    items,
    'There are no workflows yet. Add one with `pointsman workflows import FILE`.',
  );
  if (more) print.note('There are more; raise --limit.');
}

export async function exportWorkflow(
  io: CommandIo,
  options: CommonOptions & { workflow: string; version?: number; output?: string },
): Promise<void> {
  const { api, print } = openSession(io, options);
  const workflow = await findWorkflow(api, options.workflow);
  const document =
    options.version === undefined
      ? workflow.document
      : (await api.call('getWorkflowVersion', { params: { id: workflow.id, version: options.version } })).document;
  const asJson = options.json ?? options.output?.endsWith('.json') ?? false;
  // To a terminal or a pipe what the document hides is made visible; a file gets it as it is.
  const text = asJson ? printableJson(document) : toYaml(document).trimEnd();
  if (options.output === undefined) return print.line(asJson ? text : printable(text));
  try {
    writeFileSync(options.output, `${text}\n`, { flag: 'wx' });
  } catch (error) {
    const exists = (error as NodeJS.ErrnoException).code === 'EEXIST';
    throw new UsageError(
      exists ? `The file ${options.output} exists already.` : `The file ${options.output} cannot be written.`,
      exists ? 'Remove it or choose another name.' : 'Check the path.',
    );
  }
  print.note(`Wrote ${options.output}.`);
}

export async function removeWorkflow(io: CommandIo, options: CommonOptions & { workflow: string }): Promise<void> {
  const { api, print } = openSession(io, options);
  const { id, name } = await findWorkflow(api, options.workflow);
  await api.call('deleteWorkflow', { params: { id } });
  if (options.json) print.json({ id });
  print.note(`Removed “${printable(name)}”; its executions stay.`);
}
