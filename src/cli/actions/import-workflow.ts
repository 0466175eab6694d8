/** `pointsman workflows import` and `trust`: documents of ours, workflows of other tools, and what those may use. */
import { createInterface } from 'node:readline/promises';
import type { ImportedWorkflow, WorkflowTrust } from '../../contract/workflow-import.ts';
import type { ApiClient } from '../api-client.ts';
import type { CommandIo } from '../command-io.ts';
import { findWorkflow } from '../find-named.ts';
import { readFileOrInput } from '../given-values.ts';
import { describeProblem } from '../output/error-report.ts';
import { EXIT } from '../output/exit-codes.ts';
import { printable } from '../output/printable-text.ts';
import type { Printer } from '../output/printer.ts';
import { type CommonOptions, openSession } from '../session.ts';
import { UsageError } from '../usage-error.ts';

export interface ImportOptions extends CommonOptions {
  file: string;
  /** Name or id of the workflow that gets a new version. */
  as?: string;
  draft?: boolean;
  note?: string;
  /** Of another tool's workflow: keep it, not only tell what it would be. */
  save?: boolean;
  name?: string;
}

export async function importWorkflow(io: CommandIo, options: ImportOptions): Promise<void> {
  const { api, print } = openSession(io, options);
  const text = await readFileOrInput(options.file, io);
  if (!looksForeign(text)) return saveDocument(api, print, { ...options, text });
  for (const option of ['as', 'note', 'draft'] as const)
    if (options[option] !== undefined)
      throw new UsageError(
        `--${option} is for documents of Pointsman.`,
        "Import the other tool's workflow with --save; then change it like any other.",
      );
  const query = {
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.save ? { save: 'true' as const } : {}),
  };
  const found = await api.call('importWorkflow', { query, text });
  if (options.json) return print.json(found);
  describeImport(found, print);
}

/** JSON and code that are no document of ours; the server knows better which tool they are from. */
function looksForeign(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    const own = Array.isArray(value) ? (value as unknown[])[0] : value;
    const keys = typeof own === 'object' && own !== null ? own : {};
    if ('pointsman' in keys) return false;
    if (Array.isArray(value) || 'connections' in keys || !('nodes' in keys)) return true;
    const [edge] = 'edges' in keys && Array.isArray(keys.edges) ? (keys.edges as unknown[]) : [];
    const [node] = Array.isArray(keys.nodes) ? (keys.nodes as unknown[]) : [];
    const has = (part: unknown, name: string) => typeof part === 'object' && part !== null && name in part;
    return has(edge, 'source') || has(node, 'data');
  } catch {
    return /\bAgent\s*(?:<[^>]{0,200}>)?\(/.test(text) && /\b[Rr]unner\s*\.\s*run\s*\(/.test(text);
  }
}

async function saveDocument(api: ApiClient, print: Printer, options: ImportOptions & { text: string }): Promise<void> {
  const { text } = options;
  if (options.save !== undefined || options.name !== undefined)
    throw new UsageError(
      '--save and --name are for workflows of other tools.',
      'A document of Pointsman is saved at once, under its own name.',
    );
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

function describeImport({ format, report, problems, valid, workflow }: ImportedWorkflow, print: Printer): void {
  if (workflow) print.line(workflow.id);
  print.table<ImportedWorkflow['report']['mapped'][number]>(
    [
      { title: 'MAPPED', value: ({ sourceName }) => sourceName, shrinks: true },
      { title: 'TYPE', value: ({ sourceType }) => sourceType, shrinks: true },
      { title: 'AS', value: ({ as, nodeId }) => (nodeId === undefined ? as : `${as} ${nodeId}`) },
    ],
    report.mapped,
    'Nothing has a counterpart.',
  );
  if (report.unmapped.length > 0) {
    print.line('');
    print.table<ImportedWorkflow['report']['unmapped'][number]>(
      [
        { title: 'NOT MAPPED', value: ({ sourceName }) => sourceName, shrinks: true },
        { title: 'AT', value: ({ path }) => path, shrinks: true },
        { title: 'WHY', value: ({ why }) => why, shrinks: true },
      ],
      report.unmapped,
      '',
    );
  }
  if (report.notes.length > 0) print.line('');
  for (const note of report.notes) print.line(printable(note));
  for (const problem of problems) print.warn(describeProblem(problem));
  if (!workflow) {
    print.warn(`This is ${format}. Nothing was saved; add --save to keep it${valid ? '' : ' as a draft'}.`);
    return;
  }
  const { name, draft, imported } = workflow;
  print.note(`Saved “${printable(name)}” from ${format}${draft ? ' as a draft' : ''}.`);
  if (imported?.trusted === false)
    print.warn(`It is executed once somebody has allowed what it uses: pointsman workflows trust ${workflow.id}`);
}

export interface TrustOptions extends CommonOptions {
  workflow: string;
  version?: number;
  yes?: boolean;
}

/** Without --yes it is shown here and now, and a person at a terminal says yes to exactly that. */
export async function trustWorkflow(io: CommandIo, options: TrustOptions): Promise<number> {
  const { api, print } = openSession(io, options);
  const { id, name } = await findWorkflow(api, options.workflow);
  const request = { params: { id }, query: options.version === undefined ? {} : { version: options.version } };
  const trust = await api.call('getWorkflowTrust', request);
  if (!options.json) describeUses(trust, print);
  if (trust.trusted) {
    if (options.json) print.json(trust);
    else
      print.note(
        trust.imported ? 'This is allowed already.' : `“${printable(name)}” was made here and needs no trust.`,
      );
    return EXIT.ok;
  }
  if (!options.yes && !(await confirmed(io, name))) {
    if (options.json) print.json(trust);
    print.warn('Nothing was allowed. At a terminal you are asked; elsewhere say --yes.');
    return EXIT.failed;
  }
  const allowed = await api.call('trustWorkflow', { ...request, body: { hash: trust.hash } });
  if (options.json) print.json(allowed);
  else print.note(`Allowed what version ${allowed.version} of “${printable(name)}” uses.`);
  return EXIT.ok;
}

async function confirmed(io: CommandIo, name: string): Promise<boolean> {
  if (!io.stdin.isTTY || !io.stderr.isTTY) return false;
  const questions = createInterface({ input: io.stdin, output: io.stderr });
  try {
    const answer = await questions.question(`\nAllow “${printable(name)}” all of this? [y/N] `);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    questions.close();
  }
}

function describeUses({ uses, flow }: WorkflowTrust, print: Printer): void {
  print.table<WorkflowTrust['uses'][number]>(
    [
      { title: 'USES', value: ({ kind }) => kind },
      { title: 'NODE', value: ({ nodeId }) => nodeId ?? '-' },
      { title: 'WHAT', value: ({ value }) => value },
      { title: 'WITH', value: ({ detail }) => (detail === undefined ? '' : JSON.stringify(detail)) },
    ],
    uses,
    'It uses nothing outside itself.',
  );
  if (uses.length === 0 || flow.length === 0) return;
  print.line('');
  print.table<WorkflowTrust['flow'][number]>(
    [
      { title: 'FLOW', value: ({ kind }) => kind },
      { title: 'NODE', value: ({ nodeId }) => nodeId ?? '-' },
      { title: 'WHAT', value: ({ value }) => value },
      { title: 'WITH', value: ({ detail }) => (detail === undefined ? '' : JSON.stringify(detail)) },
    ],
    flow,
    '',
  );
}
