/** `pointsman run`: executes a saved workflow or a file, follows it when asked, and answers with an exit code. */
import { existsSync } from 'node:fs';
import { isPointsmanError, PointsmanError } from '../../contract/errors.ts';
import { type Execution, FINISHED_EXECUTION, type Step } from '../../contract/executions.ts';
import type { InboxItem } from '../../contract/inbox.ts';
import { type ApiClient, createApiClient } from '../api-client.ts';
import type { CommandIo } from '../command-io.ts';
import { executionFamily } from '../execution-family.ts';
import { createExecutionProgress, type ExecutionProgress, waitingLines } from '../execution-progress.ts';
import { findWorkflow } from '../find-named.ts';
import { followUpdates } from '../follow-updates.ts';
import { declaredInputs, givenInputs, givenPins, readFileOrInput } from '../given-values.ts';
import { reportError } from '../output/error-report.ts';
import { EXIT } from '../output/exit-codes.ts';
import { statusColour } from '../output/paint.ts';
import { createLiveLines } from '../output/live-lines.ts';
import { printable, printableJson } from '../output/printable-text.ts';
import { createPrinter, type Printer } from '../output/printer.ts';
import { took } from '../output/quantities.ts';
import { findServer, homeDirectory, requireServer } from '../server-location.ts';
import type { CommonOptions } from '../session.ts';

export interface RunOptions extends CommonOptions {
  target: string;
  input?: string[];
  inputFile?: string;
  version?: number;
  /** `node=JSON` or `node=@file`. */
  pin?: string[];
  wait?: boolean;
  /** False under --no-wait-human. */
  waitHuman: boolean;
  /** Progress lines also when nobody looks. */
  progress?: boolean;
}

export async function run(io: CommandIo, options: RunOptions): Promise<number> {
  const print = createPrinter(io);
  const document = looksLikeFile(options.target) ? await readFileOrInput(options.target, io) : undefined;
  const location = findServer(io.env, options.home);
  if (!location) {
    if (document === undefined) requireServer(io.env, options.home);
    else return await runWithoutServer(io, { ...options, document }, print);
  }
  const api = createApiClient(location ?? requireServer(io.env, options.home));
  let execution: Execution;
  try {
    execution = await start(api, options, document);
  } catch (error) {
    // Nothing was started because of what was asked: invalid, whatever the status of the answer.
    const exitCode = reportError(error, io);
    return isPointsmanError(error, 'WORKFLOW_NOT_FOUND') || isPointsmanError(error, 'WORKFLOW_DRAFT')
      ? EXIT.invalid
      : exitCode;
  }
  if (options.wait || !options.waitHuman) return await follow(io, { api, execution, options, print });
  if (options.json) print.json(execution);
  else print.line(execution.id);
  print.note(
    `Started “${printable(execution.name)}”. Follow it with \`pointsman executions logs -f ${execution.id}\`.`,
  );
  return EXIT.ok;
}

/** A path, `-`, or a name with a workflow file's ending; a bare word is a workflow's name unless only a file has it. */
function looksLikeFile(target: string): boolean {
  return target === '-' || /[/\\]|\.(?:ya?ml|json)$/i.test(target);
}

async function start(api: ApiClient, options: RunOptions, document: string | undefined): Promise<Execution> {
  const { input: pairs = [], inputFile: file } = options;
  if (document !== undefined) {
    const inputs = givenInputs({ pairs, file, declared: pairs.length > 0 ? declaredInputs(document) : undefined });
    return await api.call('executeInline', { body: { workflow: document, inputs, ...givenPins(options.pin) } });
  }
  const workflow = await findWorkflow(api, options.target).catch((error: unknown) => {
    if (!isPointsmanError(error, 'WORKFLOW_NOT_FOUND') || !existsSync(options.target)) throw error;
    throw new PointsmanError('WORKFLOW_NOT_FOUND', {
      detail: error.message,
      cause: { next: `To execute the file, write ./${options.target}` },
    });
  });
  const inputs = givenInputs({ pairs, file, declared: workflow.document['inputs'] });
  const version = options.version === undefined ? {} : { version: options.version };
  return await api.call('executeWorkflow', {
    params: { id: workflow.id },
    body: { inputs, ...version, ...givenPins(options.pin) },
  });
}

interface Following {
  api: ApiClient;
  execution: Execution;
  options: RunOptions;
  print: Printer;
}

async function follow(io: CommandIo, { api, execution: started, options, print }: Following): Promise<number> {
  const { id } = started;
  const { progress, tell } = progressOn(io, options, print);
  const announce = announcer(print, tell);
  const interrupted = io.interrupts();
  const ended = new AbortController();
  const open = new Map<string, InboxItem>();
  let status = started.status;

  const look = () => {
    progress.status(status);
    if (FINISHED_EXECUTION.includes(status)) ended.abort('finished');
    else if (!options.waitHuman && (status === 'paused' || (status === 'waiting' && open.size > 0)))
      ended.abort('person');
  };
  const inFamily = executionFamily(id, () => createApiClient(findServer(io.env, options.home) ?? api.location));
  const asked = async (item: InboxItem) => {
    if (!item.executionId || item.state !== 'open' || !(await inFamily(item.executionId))) return;
    open.set(item.id, item);
    announce(item);
  };
  // One after the other, so that the end of an item never overtakes its beginning.
  let reading = Promise.resolve();
  const then = (work: () => Promise<unknown> | void) => {
    reading = reading.then(work).then(look, look);
  };

  print.note(`Executing “${printable(started.name)}” (${id}). Ctrl-C stops following; it goes on by itself.`);
  await followUpdates({
    locate: () => findServer(io.env, options.home),
    topics: [`execution:${id}`, 'inbox'],
    signal: AbortSignal.any([ended.signal, interrupted]),
    onSnapshot(topic, data) {
      if (topic === 'inbox') {
        then(async () => {
          open.clear();
          for (const item of data as InboxItem[]) await asked(item);
        });
      } else {
        const execution = data as Execution;
        execution.steps.forEach((step) => progress.step(step));
        status = execution.status;
      }
      look();
    },
    onEvent(_topic, event, data) {
      if (event === 'step.changed') progress.step(data as Step);
      else if (event === 'execution.changed') status = (data as Execution).status;
      else if (event === 'inbox.opened') then(() => asked(data as InboxItem));
      else if (event === 'inbox.closed') then(() => void open.delete((data as InboxItem).id));
      look();
    },
    onLost: () => tell.note('The connection to the server was lost; waiting for it to come back.'),
    onBack: () => tell.note('The server is back.'),
  }).finally(() => progress.end());

  if (!ended.signal.aborted) {
    print.note(`\nIt goes on without this command. See it with \`pointsman executions show ${id}\`.`);
    return EXIT.interrupted;
  }
  // The server may be another one by now, at another address.
  const { url, token } = findServer(io.env, options.home) ?? api.location;
  const execution = await createApiClient({ url, token }).call('getExecution', { params: { id } });
  return conclude(execution, options, print);
}

async function runWithoutServer(
  io: CommandIo,
  options: RunOptions & { document: string },
  print: Printer,
): Promise<number> {
  const { document, input: pairs = [], inputFile: file } = options;
  const inputs = givenInputs({ pairs, file, declared: declaredInputs(document) });
  const { runServerless } = await import('../../server/serverless-run.ts');
  const { progress, tell } = progressOn(io, options, print);
  const home = homeDirectory(io.env, options.home);
  const interrupted = io.interrupts();
  let told = false;
  print.note(`No server runs on ${home}: executing in this process.`);
  const { execution } = await runServerless({
    document,
    inputs,
    ...givenPins(options.pin),
    home,
    stopWhenWaiting: !options.waitHuman,
    signal: interrupted,
    onEvent({ event, data }) {
      if (event === 'step.changed') progress.step(data as Step);
      if (event !== 'execution.changed') return;
      const { id, status } = data as Execution;
      progress.status(status);
      if (status !== 'waiting' || told || !options.waitHuman) return;
      told = true;
      tell.warn(
        `${id} waits for time to pass or for a person. Only a server takes answers: press Ctrl-C, run \`pointsman up\`, then \`pointsman inbox\`; it goes on there.`,
      );
    },
  }).finally(() => progress.end());
  if (interrupted.aborted && !FINISHED_EXECUTION.includes(execution.status)) {
    print.note(`\n${execution.id} goes on when you run \`pointsman up\`.`);
    return EXIT.interrupted;
  }
  if (!FINISHED_EXECUTION.includes(execution.status))
    print.warn('Run `pointsman up` and answer with `pointsman inbox`; the execution goes on there.');
  return conclude(execution, options, print);
}

/** What is said while steps are drawn goes above them. */
type Tell = Pick<Printer, 'note' | 'warn'>;

function progressOn(io: CommandIo, options: RunOptions, print: Printer): { progress: ExecutionProgress; tell: Tell } {
  const live = io.stderr.isTTY && io.env['TERM'] !== 'dumb' ? createLiveLines(io.stderr) : undefined;
  const tell = live ? { note: live.say, warn: live.say } : print;
  const say = options.progress ? tell.warn : tell.note;
  const isQuiet = options.json && !options.progress && !io.stderr.isTTY;
  const progress = createExecutionProgress({ say: isQuiet ? () => undefined : say, paint: print.paintError, live });
  return { progress, tell };
}

/** Tells once per item: who runs this in a script must learn from its log what it waits for. */
function announcer(print: Printer, tell: Tell): (item: InboxItem) => void {
  const announced = new Set<string>();
  return (item) => {
    if (announced.has(item.id)) return;
    announced.add(item.id);
    const [title = '', ...rest] = waitingLines(item);
    tell.warn([print.paintError('yellow', title), ...rest].join('\n'));
  };
}

function conclude(execution: Execution, options: RunOptions, print: Printer): number {
  if (options.json) print.json(execution);
  else describeEnd(execution, print);
  if (execution.status === 'succeeded') return EXIT.ok;
  return FINISHED_EXECUTION.includes(execution.status) ? EXIT.failed : EXIT.needsPerson;
}

function describeEnd(execution: Execution, print: Printer): void {
  const { id, status, error, outputs } = execution;
  if (!FINISHED_EXECUTION.includes(status))
    return print.line(`${id} ${print.paint('yellow', status)}: it needs a person`);
  print.line(`${id} ${print.paint(statusColour(status), status)} in ${took(execution)}`);
  if (error) print.line(printable(`${error.nodeId ? `${error.nodeId}: ` : ''}${error.message} (${error.code})`));
  const empty =
    outputs === undefined || outputs === null || (typeof outputs === 'object' && Object.keys(outputs).length === 0);
  if (status === 'succeeded' && !empty) print.line(printableJson(outputs));
}
