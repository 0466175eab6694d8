/** Running again: retries of one execution or of many, and replays on another version. */
import type { RetriedExecution } from '../../contract/executions.ts';
import type { CommandIo } from '../command-io.ts';
import { findExecution, findWorkflow } from '../find-named.ts';
import { givenPins, readFileOrInput } from '../given-values.ts';
import { EXIT } from '../output/exit-codes.ts';
import { printable } from '../output/printable-text.ts';
import { type CommonOptions, openSession, type Session } from '../session.ts';
import { UsageError } from '../usage-error.ts';

export interface RetryOptions extends CommonOptions {
  executions: string[];
  from?: string;
  version?: number;
  failed?: boolean;
  workflow?: string;
  after?: string;
  limit?: number;
}

export async function retryExecutions(io: CommandIo, options: RetryOptions): Promise<number> {
  const session = openSession(io, options);
  const { executions, failed, from, version } = options;
  if ((executions.length === 0) !== (failed === true))
    throw new UsageError(
      failed ? 'Name executions or give --failed, not both.' : 'No execution is named.',
      'Give ids, or --failed for all that failed.',
    );
  const [only] = executions;
  if (executions.length === 1 && only !== undefined) return await retryOne(session, only, options);
  if (from !== undefined || version !== undefined)
    throw new UsageError('--from and --version are for one execution.', 'Retry it alone.');
  return await retryMany(session, options);
}

async function retryOne({ api, print }: Session, name: string, options: RetryOptions): Promise<number> {
  const { id } = await findExecution(api, name);
  const body = {
    ...(options.from === undefined ? {} : { fromNode: options.from }),
    ...(options.version === undefined ? {} : { version: options.version }),
  };
  const execution = await api.call('retryExecution', { params: { id }, body });
  if (options.json) {
    print.json(execution);
    return EXIT.ok;
  }
  print.line(execution.id);
  const kept = execution.steps.length;
  print.note(`It keeps ${kept} ${kept === 1 ? 'step' : 'steps'} and runs the rest again.`);
  return EXIT.ok;
}

async function retryMany({ api, print }: Session, options: RetryOptions): Promise<number> {
  const answers = await api.call('retryExecutions', {
    body: options.failed ? await failedOnes() : { ids: await named() },
  });
  if (options.json) print.json(answers);
  else
    print.table<RetriedExecution>(
      [
        { title: 'EXECUTION', value: ({ executionId }) => executionId },
        {
          title: 'OUTCOME',
          value: ({ outcome }) => outcome,
          paint: (cell, { outcome }) => print.paint(colour(outcome), cell),
        },
        { title: 'RETRY', value: (answer) => (answer.outcome === 'retried' ? answer.retry : '') },
        { title: 'WHY', value: (answer) => (answer.outcome === 'refused' ? answer.message : ''), shrinks: true },
      ],
      answers,
      'Nothing failed that was not retried yet.',
    );
  return answers.some(({ outcome }) => outcome === 'refused') ? EXIT.failed : EXIT.ok;

  async function failedOnes() {
    const workflow = options.workflow === undefined ? {} : { workflow: (await findWorkflow(api, options.workflow)).id };
    const after = options.after === undefined ? {} : { startedAfter: options.after };
    return { filter: { ...workflow, ...after }, ...(options.limit === undefined ? {} : { limit: options.limit }) };
  }

  async function named(): Promise<string[]> {
    const ids: string[] = [];
    for (const name of options.executions) ids.push((await findExecution(api, name)).id);
    return ids;
  }
}

function colour(outcome: RetriedExecution['outcome']): 'green' | 'red' {
  return outcome === 'retried' ? 'green' : 'red';
}

export interface ReplayOptions extends CommonOptions {
  execution: string;
  version?: number;
  file?: string;
  pin?: string[];
}

export async function replayExecution(io: CommandIo, options: ReplayOptions): Promise<void> {
  const { version, file } = options;
  if ((version === undefined) === (file === undefined))
    throw new UsageError('Name what to replay it on.', 'Give either --version NUMBER or --file FILE.');
  const { api, print } = openSession(io, options);
  const workflow = file === undefined ? {} : { workflow: await readFileOrInput(file, io) };
  const { id } = await findExecution(api, options.execution);
  const execution = await api.call('replayExecution', {
    params: { id },
    body: { ...(version === undefined ? {} : { version }), ...workflow, ...givenPins(options.pin) },
  });
  if (options.json) return print.json(execution);
  print.line(execution.id);
  const { origin, pinned = [] } = execution;
  const runs = origin?.kind === 'replay' ? origin.runs : [];
  print.note(`Pinned: ${pinned.length === 0 ? 'nothing' : pinned.join(', ')}.`);
  const listed = runs.map(({ nodeId, reason }) => `${nodeId} (${REASONS[reason]})`).join(', ');
  print.note(runs.length === 0 ? 'Nothing runs again.' : `Runs: ${printable(listed)}.`);
}

const REASONS = {
  new: 'new',
  changed: 'changed',
  failed: 'failed before',
  not_reached: 'not reached before',
  approval: 'others may answer it',
  depends: 'depends on these',
} as const;
