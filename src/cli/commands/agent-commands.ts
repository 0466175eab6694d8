/** agents, adopt, attach, send. */
import type { Command } from 'commander';
import type { AdoptOptions } from '../actions/adopt.ts';
import type { AddAgentOptions } from '../actions/agents.ts';
import type { SendOptions } from '../actions/send.ts';
import type { CommonOptions } from '../session.ts';
import { type Act, choice, declare, declareGroup } from './declare.ts';
import { collect, wholeNumber } from './option-values.ts';

const PERMISSION_MODES = ['manual', 'acceptEdits', 'plan', 'dontAsk', 'auto', 'bypassPermissions'] as const;

type Lifecycle = 'startAgent' | 'stopAgent' | 'restartAgent' | 'interruptAgent';

export function declareAgentCommands(program: Command, act: Act): void {
  const agents = declareGroup(program, {
    name: 'agents',
    summary: 'See the agents and steer them.',
    about: 'An agent is named by its name or id. Without a command: ls.',
    examples: ['pointsman agents', 'pointsman agents restart backend'],
  });
  declare(agents, {
    name: 'ls',
    summary: 'List the agents and what they are doing.',
    examples: ['pointsman agents ls --json'],
  })
    .option('--limit <number>', 'at most so many', wholeNumber, 200)
    .action(
      act(
        async (io, options: CommonOptions & { limit: number }) =>
          await (await import('../actions/agents.ts')).listAgents(io, options),
      ),
    );
  declare(agents, {
    name: 'show <agent>',
    summary: 'Show everything about one agent.',
    examples: ['pointsman agents show backend'],
  }).action(
    act(
      async (io, agent: string, options: CommonOptions) =>
        await (await import('../actions/agents.ts')).showAgent(io, { ...options, agent }),
    ),
  );
  declare(agents, {
    name: 'add [name] [command...]',
    summary: 'Add an agent.',
    about:
      'The command after -- is for agents of kind shell and acp. A JSON file may hold the fields of the API; options win over it.',
    examples: [
      'pointsman agents add backend --workspace ~/app',
      'pointsman agents add builder --workspace . --capability build -- bash -l',
    ],
  })
    .addOption(
      choice('--kind <kind>', 'which CLI it is (default: shell)', [
        'claude',
        'codex',
        'gemini',
        'opencode',
        'acp',
        'shell',
      ]),
    )
    .addOption(choice('--mode <mode>', 'in a tmux session or as a plain process (default: tmux)', ['tmux', 'headless']))
    .option('--workspace <dir>', 'where it works (default: the current directory)')
    .addOption(
      choice('--isolation <how>', 'in the directory itself or in a git worktree of its own', ['shared', 'worktree']),
    )
    .option('--worktree', 'the same as --isolation worktree')
    .option('--role <text>', 'what it is for')
    .option('--model <name>', 'model it uses')
    .option('--instructions <file>', 'file with its standing instructions')
    .option('--definition <name>', 'agent definition that says what it is told; see `agents import`')
    .option('--capability <name>', 'what workflows may choose it for; may be given more than once', collect)
    .addOption(choice('--permission-mode <mode>', 'what it may do without asking', PERMISSION_MODES))
    .option('--env <NAME=value>', 'environment variable; a value of secret:NAME is a stored secret', collect)
    .option('--file <file>', 'JSON file with the fields of the API')
    .option('--no-start', 'do not start it')
    .action(
      act(
        async (io, name: string | undefined, command: string[], options: Omit<AddAgentOptions, 'name' | 'command'>) =>
          await (
            await import('../actions/agents.ts')
          ).addAgent(io, { ...options, command, ...(name === undefined ? {} : { name }) }),
      ),
    );
  const lifecycle: [name: string, action: Lifecycle, summary: string][] = [
    ['start', 'startAgent', 'Start agents.'],
    ['stop', 'stopAgent', 'Stop agents and everything they started.'],
    ['restart', 'restartAgent', 'Stop and start agents; they resume their conversation.'],
    ['interrupt', 'interruptAgent', 'End the running task of agents as cancelled.'],
  ];
  for (const [name, action, summary] of lifecycle) {
    const command = declare(agents, {
      name: `${name} <agents...>`,
      summary,
      examples: [`pointsman agents ${name} backend`],
    });
    if (action === 'restartAgent') command.option('--fresh', 'with a new conversation instead of the one they had');
    command.action(
      act(
        async (io, names: string[], options: CommonOptions & { fresh?: boolean }) =>
          await (await import('../actions/agents.ts')).changeAgents(io, { ...options, agents: names, action }),
      ),
    );
  }
  declare(agents, {
    name: 'rm <agents...>',
    summary: 'Stop agents and remove them.',
    about: 'An agent whose worktree holds uncommitted work stays, stopped, unless --keep-worktree leaves that behind.',
    examples: ['pointsman agents rm backend'],
  })
    .option('--keep-worktree', 'leave its worktree and branch where they are')
    .action(
      act(
        async (io, names: string[], options: CommonOptions & { keepWorktree?: boolean }) =>
          await (await import('../actions/agents.ts')).removeAgents(io, { ...options, agents: names }),
      ),
    );
  declare(agents, {
    name: 'explain <agent>',
    summary: 'Show why an agent has the status it has.',
    about: 'Every source is listed with what it says, how old that is and how much it counts; → marks what decided.',
    examples: ['pointsman agents explain backend'],
  }).action(
    act(
      async (io, agent: string, options: CommonOptions) =>
        await (await import('../actions/agents.ts')).explainAgent(io, { ...options, agent }),
    ),
  );
  declare(agents, {
    name: 'screen <agent>',
    summary: 'Show what the terminal of an agent shows, as text.',
    examples: ['pointsman agents screen backend', 'pointsman agents screen backend --scrollback 500'],
  })
    .option('--scrollback <lines>', 'and so many lines above it', wholeNumber)
    .action(
      act(
        async (io, agent: string, options: CommonOptions & { scrollback?: number }) =>
          await (await import('../actions/agent-view.ts')).showScreen(io, { ...options, agent }),
      ),
    );
  declare(agents, {
    name: 'transcript <agent>',
    summary: 'Show the conversation of an agent, its newest part, from old to new.',
    examples: ['pointsman agents transcript coder', 'pointsman agents transcript coder --limit 200 --json'],
  })
    .option('--limit <number>', 'at most so many entries', wholeNumber, 50)
    .action(
      act(
        async (io, agent: string, options: CommonOptions & { limit: number }) =>
          await (await import('../actions/agent-view.ts')).showTranscript(io, { ...options, agent }),
      ),
    );

  declare(agents, {
    name: 'import <dir>',
    summary: 'Take over agent definitions, Markdown files with front matter as Claude Code has them.',
    about:
      'All of them or none. Files without front matter are left out. A definition that exists and says something else is only overwritten with --replace.',
    examples: ['pointsman agents import ~/.claude/agents', 'pointsman agents import .claude/agents --replace'],
  })
    .option('--replace', 'overwrite definitions that exist')
    .action(
      act(
        async (io, dir: string, options: CommonOptions & { replace?: boolean }) =>
          await (await import('../actions/definitions.ts')).importDefinitions(io, { ...options, dir }),
      ),
    );
  declare(agents, {
    name: 'definitions',
    summary: 'List the agent definitions, and what is wrong with their files.',
    examples: ['pointsman agents definitions'],
  }).action(
    act(
      async (io, options: CommonOptions) =>
        await (await import('../actions/definitions.ts')).listDefinitions(io, options),
    ),
  );

  declare(program, {
    name: 'adopt [pid-or-pane]',
    summary: 'Take in a session of Claude Code or Codex that you run yourself.',
    about:
      'Without an argument, or with --list, it shows what can be adopted. The session is not touched: it is observed, and restarted under Pointsman only by `pointsman agents restart`.',
    examples: ['pointsman adopt --list', 'pointsman adopt 4711', "pointsman adopt '%3' --name backend"],
  })
    .option('--list', 'only show what can be adopted')
    .option('--name <name>', 'name of the agent (default: what the session calls itself)')
    .option('--role <text>', 'what it is for')
    .option('--capability <name>', 'what workflows may choose it for; may be given more than once', collect)
    .addOption(
      choice(
        '--permission-mode <mode>',
        'what it may do without asking, from its next restart (default: manual)',
        PERMISSION_MODES,
      ),
    )
    .action(
      act(
        async (io, session: string | undefined, options: Omit<AdoptOptions, 'session'>) =>
          await (
            await import('../actions/adopt.ts')
          ).adopt(io, { ...options, ...(session === undefined ? {} : { session }) }),
      ),
    );

  declare(program, {
    name: 'attach <agent>',
    summary: 'Open the real tmux session of an agent here.',
    about: 'Leave it with Ctrl-b d. What you type goes straight to the agent.',
    examples: ['pointsman attach backend'],
    withoutJson: true,
  })
    .option('--read-only', 'look without being able to type')
    .action(
      act(
        async (io, agent: string, options: { home?: string; readOnly?: boolean }) =>
          await (await import('../actions/attach.ts')).attach(io, { ...options, agent }),
      ),
    );

  declare(program, {
    name: 'send <agent> <text...>',
    summary: 'Hand a task to an agent.',
    about:
      'Prints the id of the task and returns, or waits for the result with --wait: exit code 0 when it succeeded, else 1. A text of - is read from standard input.',
    examples: [
      'pointsman send backend "Run the tests and tell me what fails" --wait',
      'pointsman send backend - < task.md',
    ],
  })
    .option('--wait', 'wait for the result and print it')
    .option('--worktree', 'in a git worktree and branch of its own; see `pointsman tasks`')
    .option('--timeout <duration>', 'end it after this long, for example PT10M')
    .action(
      act(
        async (io, agent: string, words: string[], options: Omit<SendOptions, 'agent' | 'words'>) =>
          await (await import('../actions/send.ts')).send(io, { ...options, agent, words }),
      ),
    );
}
