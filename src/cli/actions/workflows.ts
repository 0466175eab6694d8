/** `pointsman workflows`: saved workflows as files and back, and whether a document is valid. */
import { writeFileSync } from 'node:fs';
import { stringify as toYaml } from 'yaml';
import { PointsmanError } from '../../contract/errors.ts';
import type { Workflow } from '../../contract/workflows.ts';
import type { CommandIo } from '../command-io.ts';
import { findWorkflow } from '../find-named.ts';
import { readFileOrInput } from '../given-values.ts';
import { describeProblem } from '../output/error-report.ts';
import { EXIT } from '../output/exit-codes.ts';
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

export async function validateWorkflow(io: CommandIo, options: CommonOptions & { file: string }): Promise<number> {
  const { api, print } = openSession(io, options);
  const text = await readFileOrInput(options.file, io);
  const { valid, problems } = await api.call('validateWorkflow', { text });
  if (options.json) {
    print.json({ valid, problems });
    return valid ? EXIT.ok : EXIT.invalid;
  }
  const warnings = problems.filter((problem) => problem.severity === 'warning');
  if (!valid)
    throw new PointsmanError('WORKFLOW_INVALID', {
      detail: `${options.file} is not a valid workflow.`,
      problems,
      cause: { next: 'Correct what is listed, then check again.' },
    });
  for (const problem of warnings) print.warn(describeProblem(problem));
  print.note(`${options.file} is valid.`);
  return EXIT.ok;
}

export interface ImportOptions extends CommonOptions {
  file: string;
  /** Name or id of the workflow that gets a new version. */
  as?: string;
  draft?: boolean;
  note?: string;
}

export async function importWorkflow(io: CommandIo, options: ImportOptions): Promise<void> {
  const { api, print } = openSession(io, options);
  const text = await readFileOrInput(options.file, io);
  const query = {
    ...(options.draft ? { draft: 'true' as const } : {}),
    ...(options.note === undefined ? {} : { note: options.note }),
  };
  const before = options.as === undefined ? undefined : await findWorkflow(api, options.as);
  const workflow = before
    ? await api.call('updateWorkflow', { params: { id: before.id }, query, text, ifMatch: before.version })
    : await api.call('createWorkflow', { query, text });
  if (options.json) print.json(workflow);
  else print.line(workflow.id);
  for (const problem of workflow.problems) print.warn(describeProblem(problem));
  print.note(`Saved “${printable(workflow.name)}” as version ${workflow.version}${workflow.draft ? ' (draft)' : ''}.`);
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
