/** `pointsman executions`: what runs and ran, step by step, and control over it. */
import { type Execution, type ExecutionLogLine, FINISHED_EXECUTION, type Step } from '../../contract/executions.ts';
import { type ApiClient, createApiClient } from '../api-client.ts';
import type { CommandIo } from '../command-io.ts';
import { stepLabel } from '../execution-progress.ts';
import { findExecution, findWorkflow } from '../find-named.ts';
import { followUpdates } from '../follow-updates.ts';
import { givenJson } from '../given-values.ts';
import { EXIT } from '../output/exit-codes.ts';
import { statusColour } from '../output/paint.ts';
import { printable, printableJson, withoutTerminalCodes } from '../output/printable-text.ts';
import type { Printer } from '../output/printer.ts';
import { ago, took } from '../output/quantities.ts';
import { shortIds } from '../output/short-ids.ts';
import { findServer } from '../server-location.ts';
import { type CommonOptions, openSession } from '../session.ts';

export interface ListExecutionsOptions extends CommonOptions {
  limit?: number;
  workflow?: string;
  status?: string;
  search?: string;
  after?: string;
  before?: string;
  parent?: string;
}

export async function listExecutions(io: CommandIo, options: ListExecutionsOptions): Promise<void> {
  const { api, print } = openSession(io, options);
  const workflow = options.workflow === undefined ? undefined : (await findWorkflow(api, options.workflow)).id;
  const parent = options.parent === undefined ? undefined : (await findExecution(api, options.parent)).id;
  const query = {
    ...(workflow ? { workflow } : {}),
    ...(options.status ? { status: options.status } : {}),
    ...(options.search ? { search: options.search } : {}),
    ...(options.after ? { startedAfter: options.after } : {}),
    ...(options.before ? { startedBefore: options.before } : {}),
    ...(parent ? { parent } : {}),
  };
  const { items, more } = await api.list('listExecutions', { query }, options.limit);
  if (options.json) return print.json(items);
  const short = shortIds(items.map((execution) => execution.id));
  print.table<Execution>(
    [
      { title: 'ID', value: (execution) => short(execution.id) },
      { title: 'WORKFLOW', value: (execution) => execution.name, shrinks: true },
      {
        title: 'VERSION',
        value: (execution) => (execution.workflowId ? String(execution.version) : 'file'),
        align: 'right',
      },
      {
        title: 'STATUS',
        value: (execution) => execution.status,
        paint: (cell, execution) => print.paint(statusColour(execution.status), cell),
      },
      { title: 'STARTED', value: (execution) => ago(execution.startedAt ?? execution.createdAt) },
      { title: 'TOOK', value: (execution) => took(execution), align: 'right' },
      { title: 'ERROR', value: (execution) => execution.error?.message ?? '', shrinks: true },
    ],
    items,
    'There are no executions like that. Start one with `pointsman run`.',
  );
  if (more) print.note('There are more; raise --limit.');
}

export async function showExecution(io: CommandIo, options: CommonOptions & { execution: string }): Promise<void> {
  const { api, print } = openSession(io, options);
  const execution = await findExecution(api, options.execution);
  if (options.json) return print.json(execution);
  const { usage, outputs, error } = execution;
  print.fields([
    ['id', execution.id],
    ['workflow', `${execution.name}${execution.workflowId ? ` (version ${execution.version})` : ' (from a file)'}`],
    ['status', execution.status],
    ['origin', execution.origin && `${execution.origin.kind} of ${execution.origin.executionId}`],
    [
      'parent',
      execution.parentExecutionId && `${execution.parentExecutionId} (started by its step ${execution.parentStepId})`,
    ],
    ['pinned', execution.pinned?.join(', ')],
    ['created', `${ago(execution.createdAt)} by ${execution.createdBy}`],
    ['took', took(execution)],
    ['inputs', Object.keys(execution.inputs).length > 0 ? printableJson(execution.inputs) : undefined],
    ['outputs', outputs === undefined || outputs === null ? undefined : printableJson(outputs)],
    ['error', error && `${error.nodeId ? `${error.nodeId}: ` : ''}${error.message} (${error.code})`],
    [
      'usage',
      usage.inputTokens + usage.outputTokens > 0
        ? `${usage.inputTokens} + ${usage.outputTokens} tokens, $${usage.cost.toFixed(2)}`
        : undefined,
    ],
  ]);
  print.line();
  print.table<Step>(
    [
      { title: 'STEP', value: (step) => stepLabel(step), shrinks: true },
      {
        title: 'STATUS',
        value: (step) => step.status,
        paint: (cell, step) => print.paint(statusColour(step.status), cell),
      },
      { title: 'TOOK', value: (step) => took(step), align: 'right' },
      {
        title: 'WHY',
        value: (step) =>
          step.error?.message ??
          step.reason?.replaceAll('_', ' ') ??
          (step.carriedFrom ? 'kept, did not run here' : ''),
        shrinks: true,
      },
      ...(execution.steps.some((step) => step.childExecutionId)
        ? [{ title: 'STARTED EXECUTION', value: (step: Step) => step.childExecutionId ?? '' }]
        : []),
    ],
    execution.steps,
    'No step has started yet.',
  );
}

type Control = 'cancelExecution' | 'pauseExecution' | 'resumeExecution';

export async function controlExecution(
  io: CommandIo,
  options: CommonOptions & { execution: string; action: Control },
): Promise<void> {
  const { api, print } = openSession(io, options);
  const { id } = await findExecution(api, options.execution);
  const execution = await api.call(options.action, { params: { id } });
  if (options.json) print.json(execution);
  else print.note(`${execution.id}: ${print.paintError(statusColour(execution.status), execution.status)}`);
}

export async function signalExecution(
  io: CommandIo,
  options: CommonOptions & { execution: string; name: string; data?: string },
): Promise<void> {
  const { api, print } = openSession(io, options);
  const { id } = await findExecution(api, options.execution);
  const data = options.data === undefined ? {} : { data: givenJson(options.data, '--data') };
  const execution = await api.call('signalExecution', { params: { id }, body: { name: options.name, ...data } });
  if (options.json) print.json(execution);
  else print.note(`Sent “${printable(options.name)}”.`);
}

export interface LogsOptions extends CommonOptions {
  execution: string;
  follow?: boolean;
  after?: number;
}

/** The most that the API gives at once. */
const LOG_PAGE = 1000;

export async function showLogs(io: CommandIo, options: LogsOptions): Promise<number> {
  const { api, print } = openSession(io, options);
  const { id, status } = await findExecution(api, options.execution);
  const shown = createLogPrinter(print, options);
  const readStored = async (client: ApiClient) => {
    for (let page = LOG_PAGE; page === LOG_PAGE;) {
      const lines = await client.call('getExecutionLogs', {
        params: { id },
        query: { after: shown.last(), limit: LOG_PAGE },
      });
      shown.add(lines);
      page = lines.length;
    }
  };
  await readStored(api);
  if (!options.follow || FINISHED_EXECUTION.includes(status)) return EXIT.ok;

  const interrupted = io.interrupts();
  const ended = new AbortController();
  const current = () => createApiClient(findServer(io.env, options.home) ?? api.location);
  // One after the other, so that lines of an event never overtake the stored ones before them.
  let work = Promise.resolve();
  await followUpdates({
    locate: () => findServer(io.env, options.home),
    topics: [`execution:${id}`],
    signal: AbortSignal.any([ended.signal, interrupted]),
    onSnapshot(_topic, data) {
      // When this read fails the server has gone, and its return brings the next snapshot.
      work = work.then(() => readStored(current())).catch(() => undefined);
      if (FINISHED_EXECUTION.includes((data as Execution).status)) ended.abort();
    },
    onEvent(_topic, event, data) {
      if (event === 'log.appended') work = work.then(() => shown.add((data as { lines: ExecutionLogLine[] }).lines));
      else if (event === 'execution.changed' && FINISHED_EXECUTION.includes((data as Execution).status)) ended.abort();
    },
    onLost: () => print.note('The connection to the server was lost; waiting for it to come back.'),
  });
  await work;
  if (!ended.signal.aborted) return EXIT.interrupted;
  await readStored(current());
  return EXIT.ok;
}

/** Prints each line once, by its number: for people with its step before it, for programs as one JSON text per line. */
function createLogPrinter(
  print: Printer,
  { json, after = 0 }: LogsOptions,
): { add(lines: readonly ExecutionLogLine[]): void; last(): number } {
  let last = after;
  return {
    last: () => last,
    add(lines) {
      for (const line of lines) {
        if (line.seq <= last) continue;
        last = line.seq;
        if (json) print.jsonLine(line);
        else print.line(logLine(line, print));
      }
    },
  };
}

function logLine(line: ExecutionLogLine, print: Printer): string {
  const from = line.nodeId === undefined ? '' : `${print.paint('dim', `${line.nodeId} |`)} `;
  const text = withoutTerminalCodes(line.text).replace(/\n$/, '').replaceAll('\n', `\n${from}`);
  return from + (line.stream === 'stdout' ? text : print.paint(line.stream === 'stderr' ? 'yellow' : 'dim', text));
}
