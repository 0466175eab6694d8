/** Going back: retry and fork executions, compare executions and versions of workflows. */
import type { ExecutionDifference } from '../../contract/executions.ts';
import type { ApiClient } from '../api-client.ts';
import type { CommandIo } from '../command-io.ts';
import { findExecution, findWorkflow } from '../find-named.ts';
import { givenInputs, givenJson } from '../given-values.ts';
import { type Paint, statusColour } from '../output/paint.ts';
import { printable } from '../output/printable-text.ts';
import { ago, span } from '../output/quantities.ts';
import { type CommonOptions, openSession } from '../session.ts';
import { UsageError } from '../usage-error.ts';

export interface ForkOptions extends CommonOptions {
  execution: string;
  checkpoint: string;
  input?: string[];
  output?: string[];
  files?: 'checkpoint' | 'newest';
}

export async function forkExecution(io: CommandIo, options: ForkOptions): Promise<void> {
  const { api, print } = openSession(io, options);
  const { id } = await findExecution(api, options.execution);
  const inputs = givenInputs({ pairs: options.input ?? [] });
  const nodes = Object.fromEntries((options.output ?? []).map(givenOutput));
  const edits = {
    ...(Object.keys(inputs).length > 0 ? { inputs } : {}),
    ...(Object.keys(nodes).length > 0 ? { nodes } : {}),
  };
  const checkpoint = await findCheckpoint(api, id, options.checkpoint);
  const execution = await api.call('forkExecution', {
    params: { id },
    body: {
      checkpoint,
      ...(Object.keys(edits).length > 0 ? { edits } : {}),
      ...(options.files ? { files: options.files } : {}),
    },
  });
  if (options.json) return print.json(execution);
  print.line(execution.id);
  if (execution.origin?.kind === 'fork' && execution.origin.files)
    print.note(`Its files are those of the checkpoint (commit ${execution.origin.files.slice(0, 12)}).`);
}

function givenOutput(pair: string): [string, { output: never }] {
  const at = pair.indexOf('=');
  if (at <= 0) throw new UsageError(`“${pair}” is not an output.`, 'Write it as --output node=JSON.');
  // JSON by its parser; the server says what does not fit.
  return [pair.slice(0, at), { output: givenJson(pair.slice(at + 1), '--output') as never }];
}

/** By its number, as the list shows it, or by its id. */
async function findCheckpoint(api: ApiClient, id: string, wanted: string): Promise<string> {
  if (!/^\d{1,15}$/.test(wanted)) return wanted;
  const { items } = await api.list('listCheckpoints', { params: { id } });
  const found = items.find(({ seq }) => seq === Number(wanted));
  if (found) return found.id;
  throw new UsageError(
    `The execution has no checkpoint ${wanted}.`,
    'List them with `pointsman executions checkpoints`.',
  );
}

export async function listCheckpoints(
  io: CommandIo,
  options: CommonOptions & { execution: string; limit?: number },
): Promise<void> {
  const { api, print } = openSession(io, options);
  const { id } = await findExecution(api, options.execution);
  const { items, more } = await api.list('listCheckpoints', { params: { id } }, options.limit);
  if (options.json) return print.json(items);
  print.table<(typeof items)[number]>(
    [
      { title: 'CHECKPOINT', value: ({ seq }) => String(seq), align: 'right' },
      { title: 'WHEN', value: ({ at }) => ago(at) },
      {
        title: 'STATUS',
        value: ({ status }) => status,
        paint: (cell, { status }) => print.paint(statusColour(status), cell),
      },
      ...(items.some(({ files }) => files)
        ? [{ title: 'FILES', value: ({ files }: (typeof items)[number]) => files ?? '-' }]
        : []),
      { title: 'CHANGED', value: ({ changed }) => [...new Set(changed)].join(', '), shrinks: true },
    ],
    items,
    'It has no checkpoints yet.',
  );
  if (more) print.note('There are more; raise --limit.');
}

export async function compareExecutions(
  io: CommandIo,
  options: CommonOptions & { execution: string; other?: string },
): Promise<void> {
  const { api, print } = openSession(io, options);
  const one = await findExecution(api, options.execution);
  const other = options.other === undefined ? undefined : await findExecution(api, options.other);
  const query = other ? { with: other.id } : {};
  const difference = await api.call('compareExecutions', { params: { id: one.id }, query });
  if (options.json) return print.json(difference);
  const { a, b, inputs, outputs, nodes } = difference;
  print.fields([
    ['a', describe(a)],
    ['b', describe(b)],
    ['inputs', inputs.length === 0 ? 'equal' : `different: ${inputs.map((path) => path || '/').join(', ')}`],
    ['outputs', outputs.length === 0 ? 'equal' : `different: ${outputs.map((path) => path || '/').join(', ')}`],
  ]);
  print.line();
  type Row = ExecutionDifference['nodes'][number];
  const side = (title: string, of: (row: Row) => Row['a']) => [
    {
      title: `${title} STATUS`,
      value: (row: Row) => statusOf(of(row)),
      paint: (cell: string, row: Row) => painted(print.paint, cell, of(row)?.status),
    },
    { title: 'TRIES', value: (row: Row) => String(of(row)?.attempts ?? '-'), align: 'right' as const },
    { title: 'TOOK', value: (row: Row) => tookOf(of(row)?.durationMs), align: 'right' as const },
  ];
  print.table<Row>(
    [
      { title: 'NODE', value: ({ id }) => id, shrinks: true },
      ...side('A', (row) => row.a),
      ...side('B', (row) => row.b),
      {
        title: 'OUTPUT',
        value: ({ output }) => output.replace('_', ' '),
        paint: (cell, { output }) => print.paint(output === 'equal' ? 'dim' : 'yellow', cell),
      },
    ],
    nodes,
    'Neither has begun.',
  );
}

function describe({ id, status, version, workflowId, durationMs }: ExecutionDifference['a']): string {
  return `${id}  ${status}, ${workflowId ? `version ${version}` : 'from a file'}, took ${tookOf(durationMs)}`;
}

function statusOf(side: ExecutionDifference['nodes'][number]['a']): string {
  return side ? `${side.status}${side.carried ? ' (kept)' : ''}` : '-';
}

function tookOf(ms: number | null | undefined): string {
  return ms === null || ms === undefined ? '-' : span(ms);
}

function painted(paint: Paint, cell: string, status: string | undefined): string {
  return status === undefined ? cell : paint(statusColour(status), cell);
}

export async function compareVersions(
  io: CommandIo,
  options: CommonOptions & { workflow: string; from?: number; to?: number },
): Promise<void> {
  const { api, print } = openSession(io, options);
  const { id } = await findWorkflow(api, options.workflow);
  const query = {
    ...(options.from === undefined ? {} : { from: options.from }),
    ...(options.to === undefined ? {} : { to: options.to }),
  };
  const difference = await api.call('compareWorkflowVersions', { params: { id }, query });
  if (options.json) return print.json(difference);
  const { from, to, text, nodes, edges } = difference;
  if (text === '') return print.note(`Versions ${from} and ${to} are the same.`);
  for (const line of printable(text.trimEnd()).split('\n')) print.line(paintedLine(print.paint, line));
  const counts = (
    what: string,
    { added, removed, changed }: { added: unknown[]; removed: unknown[]; changed: unknown[] },
  ) => `${what}: ${added.length} added, ${removed.length} removed, ${changed.length} changed`;
  print.note(`${counts('nodes', nodes)}; ${counts('edges', edges)}`);
}

function paintedLine(paint: Paint, line: string): string {
  if (/^(?:---|\+\+\+) /.test(line)) return paint('bold', line);
  if (line.startsWith('@@')) return paint('cyan', line);
  return line.startsWith('+') ? paint('green', line) : line.startsWith('-') ? paint('red', line) : line;
}
