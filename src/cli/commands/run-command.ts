/** run and executions. */
import type { Command } from 'commander';
import type { ForkOptions } from '../actions/history.ts';
import type { ListExecutionsOptions, LogsOptions } from '../actions/executions.ts';
import type { RunOptions } from '../actions/run.ts';
import type { CommonOptions } from '../session.ts';
import { type Act, choice, declare, declareGroup } from './declare.ts';
import { collect, wholeNumber } from './option-values.ts';

type Control = 'cancelExecution' | 'pauseExecution' | 'resumeExecution';

export function declareRunCommands(program: Command, act: Act): void {
  declare(program, {
    name: 'run <target>',
    summary: 'Execute a workflow file, or a saved workflow by name or id.',
    about: [
      'Prints the id of the execution and returns, or follows it to its end with --wait. A target with a slash or an ending of .yaml, .yml or .json is a file, - is standard input. Without a server a file is executed in this process.',
      'A value given with --input that is JSON in its plain form is that value (3, true, null, [1,2], {"a":1}); everything else is text, and so is every value of an input of type string. Quotes force text: --input \'n="3"\'.',
      'Exit codes with --wait: 0 succeeded, 1 failed or cancelled, 2 not valid, 3 waits for a person (--no-wait-human).',
    ].join('\n\n'),
    examples: [
      'pointsman run ship.yaml --input issue="Faster start" --wait',
      'pointsman run "Release check" --wait --no-wait-human --json',
    ],
  })
    .option('--input <name=value>', 'an input of the workflow; may be given more than once', collect)
    .option('--input-file <file>', 'JSON or YAML file with inputs; --input wins over it')
    .option('--version <number>', 'version of the saved workflow (default: the live one)', wholeNumber)
    .option('--wait', 'follow the execution and end with it')
    .option('--no-wait-human', 'follow it, but end with exit code 3 when only a person can bring it on')
    .option('--progress', 'with --wait: tell each step on standard error also when nobody is at the terminal')
    .action(
      act(
        async (io, target: string, options: Omit<RunOptions, 'target'>) =>
          await (await import('../actions/run.ts')).run(io, { ...options, target }),
      ),
    );

  const executions = declareGroup(program, {
    name: 'executions',
    summary: 'See what runs and ran, and control it.',
    about: 'An execution is named by its id or the beginning of it. Without a command: ls.',
    examples: ['pointsman executions', 'pointsman executions logs -f 0199a1b2'],
  });
  declare(executions, {
    name: 'ls',
    summary: 'List the executions, newest first.',
    examples: ['pointsman executions ls --status waiting'],
  })
    .option('--workflow <name>', 'only those of this workflow')
    .addOption(
      choice('--status <status>', 'only those with this status', [
        'queued',
        'running',
        'waiting',
        'paused',
        'succeeded',
        'failed',
        'cancelled',
      ]),
    )
    .option('--limit <number>', 'at most so many', wholeNumber, 50)
    .action(
      act(
        async (io, options: ListExecutionsOptions) =>
          await (await import('../actions/executions.ts')).listExecutions(io, options),
      ),
    );
  declare(executions, {
    name: 'show <execution>',
    summary: 'Show one execution and its steps.',
    examples: ['pointsman executions show 0199a1b2-c3d4'],
  }).action(
    act(
      async (io, execution: string, options: CommonOptions) =>
        await (await import('../actions/executions.ts')).showExecution(io, { ...options, execution }),
    ),
  );
  declare(executions, {
    name: 'logs <execution>',
    summary: 'Print what an execution wrote.',
    about: 'With --json each line is one JSON text.',
    examples: ['pointsman executions logs -f 0199a1b2-c3d4'],
  })
    .option('-f, --follow', 'go on until the execution ends')
    .option('--after <number>', 'only lines after this number', wholeNumber)
    .action(
      act(
        async (io, execution: string, options: Omit<LogsOptions, 'execution'>) =>
          await (await import('../actions/executions.ts')).showLogs(io, { ...options, execution }),
      ),
    );
  const controls: [name: string, action: Control, summary: string][] = [
    ['cancel', 'cancelExecution', 'Cancel an execution: what runs is stopped, what is open is withdrawn.'],
    ['pause', 'pauseExecution', 'Pause an execution: running steps end, nothing new starts.'],
    ['resume', 'resumeExecution', 'Let a paused execution go on.'],
  ];
  for (const [name, action, summary] of controls) {
    declare(executions, {
      name: `${name} <execution>`,
      summary,
      examples: [`pointsman executions ${name} 0199a1b2-c3d4`],
    }).action(
      act(
        async (io, execution: string, options: CommonOptions) =>
          await (await import('../actions/executions.ts')).controlExecution(io, { ...options, execution, action }),
      ),
    );
  }
  declareHistory(executions, act);
  declare(executions, {
    name: 'signal <execution> <name>',
    summary: 'Send an event that a wait node takes.',
    examples: [`pointsman executions signal 0199a1b2-c3d4 deployed --data '{"version": "1.2"}'`],
  })
    .option('--data <json>', 'data of the event; @FILE reads it from a file')
    .action(
      act(
        async (io, execution: string, name: string, options: CommonOptions & { data?: string }) =>
          await (await import('../actions/executions.ts')).signalExecution(io, { ...options, execution, name }),
      ),
    );
}

function declareHistory(executions: Command, act: Act): void {
  declare(executions, {
    name: 'retry <execution>',
    summary: 'Run again what failed, or from a node on, as a new execution.',
    about:
      'Only for an execution that has ended; it stays as it is. What does not depend on what runs again is kept and does not run. Prints the id of the new execution.',
    examples: ['pointsman executions retry 0199a1b2', 'pointsman executions retry 0199a1b2 --from test --version 4'],
  })
    .option('--from <node>', 'run this node again and everything that depends on it')
    .option('--version <number>', 'go on with this version of the workflow', wholeNumber)
    .action(
      act(
        async (io, execution: string, options: CommonOptions & { from?: string; version?: number }) =>
          await (await import('../actions/history.ts')).retryExecution(io, { ...options, execution }),
      ),
    );
  declare(executions, {
    name: 'checkpoints <execution>',
    summary: 'List the checkpoints of an execution, newest first.',
    examples: ['pointsman executions checkpoints 0199a1b2'],
  })
    .option('--limit <number>', 'at most so many', wholeNumber, 200)
    .action(
      act(
        async (io, execution: string, options: CommonOptions & { limit?: number }) =>
          await (await import('../actions/history.ts')).listCheckpoints(io, { ...options, execution }),
      ),
    );
  declare(executions, {
    name: 'fork <execution>',
    summary: 'Start a new execution from a checkpoint of another one.',
    about:
      'What was under way at the checkpoint starts anew, what was open is asked again. A node whose output is replaced does not run; what depends on it does. Prints the id of the new execution.',
    examples: [`pointsman executions fork 0199a1b2 --checkpoint 57 --output 'look={"stdout": "bad"}'`],
  })
    .requiredOption('--checkpoint <checkpoint>', 'its number or id; see `pointsman executions checkpoints`')
    .option('--input <name=value>', 'replace an input; may be given more than once', collect)
    .option('--output <node=json>', 'replace the output of a node; may be given more than once', collect)
    .action(
      act(
        async (io, execution: string, options: Omit<ForkOptions, 'execution'>) =>
          await (await import('../actions/history.ts')).forkExecution(io, { ...options, execution }),
      ),
    );
  declare(executions, {
    name: 'diff <execution> [other]',
    summary: 'Compare two executions, node by node.',
    about: 'Without another one it is compared with the one it goes on from.',
    examples: ['pointsman executions diff 0199a1b2 0199a1c7'],
  }).action(
    act(
      async (io, execution: string, other: string | undefined, options: CommonOptions) =>
        await (
          await import('../actions/history.ts')
        ).compareExecutions(io, { ...options, execution, ...(other === undefined ? {} : { other }) }),
    ),
  );
}
