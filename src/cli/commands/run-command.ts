/** run and executions. */
import type { Command } from 'commander';
import type { ForkOptions } from '../actions/history.ts';
import type { ListExecutionsOptions, LogsOptions } from '../actions/executions.ts';
import type { ReplayOptions, RetryOptions } from '../actions/retry.ts';
import type { RunOptions } from '../actions/run.ts';
import type { CommonOptions } from '../session.ts';
import { type Act, choice, declare, declareGroup } from './declare.ts';
import { collect, moment, wholeNumber } from './option-values.ts';

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
    .option(
      '--pin <node=json>',
      'give a node this outcome instead of running it: {"output": …} or {"error": {"code": …}}, or a list of them; @FILE reads it from a file',
      collect,
    )
    .option('--wait', 'follow the execution and end with it')
    .option('--no-wait-human', 'follow it, but end with exit code 3 when only a person can bring it on')
    .option(
      '--progress',
      'with --wait: tell each change of a step on standard error also when nobody is at the terminal',
    )
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
    examples: ['pointsman executions ls --status waiting', 'pointsman executions ls --status failed --after 24h'],
  })
    .option('--workflow <name>', 'only those of this workflow')
    .option('--status <status>', 'only those with this status, or with one of several: failed,cancelled')
    .option('--search <text>', 'only those with this in their name, or whose id begins or ends like this')
    .option('--after <time>', 'only those started after this time, or within the last so long: 2h, 7d', moment)
    .option('--before <time>', 'only those started before this time, or longer ago than that', moment)
    .option('--parent <execution>', 'only those that this execution has started')
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
    name: 'retry [executions...]',
    summary: 'Run again what failed, or from a node on, as new executions.',
    about: [
      'Only for executions that have ended; they stay as they are. What does not depend on what runs again is kept and does not run. Prints the ids of the new executions.',
      'With --failed the newest that failed are retried, but none twice. The exit code is 1 when one of several was refused.',
    ].join('\n\n'),
    examples: [
      'pointsman executions retry 0199a1b2',
      'pointsman executions retry 0199a1b2 --from test --version 4',
      'pointsman executions retry --failed --workflow "Release check" --after 24h',
    ],
  })
    .option('--from <node>', 'run this node again and everything that depends on it')
    .option('--version <number>', 'go on with this version of the workflow', wholeNumber)
    .option('--failed', 'retry all that failed and were not retried yet')
    .option('--workflow <name>', 'with --failed: only those of this workflow')
    .option('--after <time>', 'with --failed: only those started after this time, or within the last so long', moment)
    .option('--limit <number>', 'with --failed: at most so many, up to 100', wholeNumber, 50)
    .action(
      act(
        async (io, executions: string[], options: Omit<RetryOptions, 'executions'>) =>
          await (await import('../actions/retry.ts')).retryExecutions(io, { ...options, executions }),
      ),
    );
  declare(executions, {
    name: 'replay <execution>',
    summary: 'Try an execution that has ended on another version: only what changed runs.',
    about:
      'Nodes that are the same there, with everything before them, end as they did. Prints the id of the new execution, and which nodes run.',
    examples: [
      'pointsman executions replay 0199a1b2 --version 5',
      'pointsman executions replay 0199a1b2 --file ship.yaml',
    ],
  })
    .option('--version <number>', 'on this version of its workflow', wholeNumber)
    .option('--file <file>', 'on this document, which is not saved')
    .option(
      '--pin <node=json>',
      'give a node this outcome in place of the past one; see `pointsman run --help`',
      collect,
    )
    .action(
      act(
        async (io, execution: string, options: Omit<ReplayOptions, 'execution'>) =>
          await (await import('../actions/retry.ts')).replayExecution(io, { ...options, execution }),
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
    .addOption(
      choice('--files <which>', 'of a workflow with worktrees: the files of the checkpoint (default), or the newest', [
        'checkpoint',
        'newest',
      ]),
    )
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
