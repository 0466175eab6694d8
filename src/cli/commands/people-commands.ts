/** tokens, secrets, users and the audit. */
import type { Command } from 'commander';
import type { AuditOptions, ExportAuditOptions } from '../actions/audit.ts';
import type { AddUserOptions, CreateTokenOptions } from '../actions/people.ts';
import type { CommonOptions } from '../session.ts';
import { type Act, choice, declare, declareGroup } from './declare.ts';
import { wholeNumber } from './option-values.ts';

const ROLES = ['viewer', 'operator', 'admin'];

export function declarePeopleCommands(program: Command, act: Act): void {
  const tokens = declareGroup(program, {
    name: 'tokens',
    summary: 'Make and revoke API tokens for programs.',
    about: 'Without a command: ls.',
    examples: ['pointsman tokens create ci --role operator --expires P90D'],
  });
  declare(tokens, { name: 'ls', summary: 'List the tokens, without their secrets.', examples: ['pointsman tokens ls'] })
    .option('--limit <number>', 'at most so many', wholeNumber, 200)
    .action(
      act(
        async (io, options: CommonOptions & { limit: number }) =>
          await (await import('../actions/people.ts')).listTokens(io, options),
      ),
    );
  declare(tokens, {
    name: 'create <name>',
    summary: 'Create a token and print it, this once.',
    examples: ['pointsman tokens create ci --role operator --expires P90D'],
  })
    .addOption(choice('--role <role>', 'what it may do', ROLES).default('operator'))
    .option('--expires <when>', 'a duration such as P90D, or a time (default: never)')
    .option('--commands', 'may also save and execute documents that run commands')
    .action(
      act(
        async (io, name: string, options: Omit<CreateTokenOptions, 'name'>) =>
          await (await import('../actions/people.ts')).createToken(io, { ...options, name }),
      ),
    );
  declare(tokens, {
    name: 'revoke <token>',
    summary: 'Revoke a token by name or id; it stops working at once.',
    examples: ['pointsman tokens revoke ci'],
  }).action(
    act(
      async (io, token: string, options: CommonOptions) =>
        await (await import('../actions/people.ts')).revokeToken(io, { ...options, token }),
    ),
  );

  const secrets = declareGroup(program, {
    name: 'secrets',
    summary: 'Store values that agents use by name.',
    about: 'What is stored is encrypted and never shown again. Without a command: ls.',
    examples: ['pointsman secrets set OPENAI_API_KEY', 'pointsman secrets set OPENAI_API_KEY < key.txt'],
  });
  declare(secrets, { name: 'ls', summary: 'List the secrets by name.', examples: ['pointsman secrets ls'] })
    .option('--limit <number>', 'at most so many', wholeNumber, 200)
    .action(
      act(
        async (io, options: CommonOptions & { limit: number }) =>
          await (await import('../actions/secrets.ts')).listSecrets(io, options),
      ),
    );
  declare(secrets, {
    name: 'set <name>',
    summary: 'Store or replace a secret.',
    about:
      'The value is asked for at a terminal and read from standard input otherwise; it is never given as an option.',
    examples: [
      'pointsman secrets set OPENAI_API_KEY',
      'pointsman agents add coder --env OPENAI_API_KEY=secret:OPENAI_API_KEY',
    ],
  }).action(
    act(
      async (io, name: string, options: CommonOptions) =>
        await (await import('../actions/secrets.ts')).setSecret(io, { ...options, name }),
    ),
  );
  declare(secrets, {
    name: 'rm <name>',
    summary: 'Remove a secret; an agent that uses it cannot start again.',
    examples: ['pointsman secrets rm OPENAI_API_KEY'],
  }).action(
    act(
      async (io, name: string, options: CommonOptions) =>
        await (await import('../actions/secrets.ts')).removeSecret(io, { ...options, name }),
    ),
  );

  const users = declareGroup(program, {
    name: 'users',
    summary: 'Manage who may sign in.',
    about: 'A person is named by name or id. Without a command: ls.',
    examples: ['pointsman users add ada --role operator'],
  });
  declare(users, { name: 'ls', summary: 'List the people.', examples: ['pointsman users ls'] })
    .option('--limit <number>', 'at most so many', wholeNumber, 200)
    .action(
      act(
        async (io, options: CommonOptions & { limit: number }) =>
          await (await import('../actions/people.ts')).listUsers(io, options),
      ),
    );
  declare(users, {
    name: 'add <name>',
    summary: 'Add a person.',
    about:
      'The password is asked for at a terminal and read from standard input otherwise; it is never given as an option.',
    examples: ['pointsman users add ada --role operator', 'pointsman users add ada --role viewer < password.txt'],
  })
    .addOption(choice('--role <role>', 'what they may do', ROLES).default('viewer'))
    .option('--commands', 'may also save and execute documents that run commands')
    .option('--no-password', 'without a password: nobody can sign in as them yet')
    .action(
      act(
        async (io, name: string, options: Omit<AddUserOptions, 'name'>) =>
          await (await import('../actions/people.ts')).addUser(io, { ...options, name }),
      ),
    );
  declare(users, {
    name: 'password <user>',
    summary: 'Give a person a new password.',
    examples: ['pointsman users password ada'],
  }).action(
    act(
      async (io, user: string, options: CommonOptions) =>
        await (await import('../actions/people.ts')).setPassword(io, { ...options, user }),
    ),
  );
  for (const [name, disabled, summary] of [
    ['disable', true, 'Let a person no longer sign in; their sessions end at once.'],
    ['enable', false, 'Let a disabled person sign in again.'],
  ] as const) {
    declare(users, { name: `${name} <user>`, summary, examples: [`pointsman users ${name} ada`] }).action(
      act(
        async (io, user: string, options: CommonOptions) =>
          await (await import('../actions/people.ts')).setDisabled(io, { ...options, user, disabled }),
      ),
    );
  }

  declareAuditCommands(program, act);
}

function declareAuditCommands(program: Command, act: Act): void {
  const audit = declareGroup(program, {
    name: 'audit',
    summary: 'See who did what, and prove that it was not rewritten.',
    about: 'Without a command: ls.',
    examples: ['pointsman audit --action inbox --actor ada', 'pointsman audit verify'],
  });
  declare(audit, {
    name: 'ls',
    summary: 'Show who did what, newest first.',
    examples: ['pointsman audit ls', 'pointsman audit ls --subject 0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b'],
  })
    .option('--actor <name>', 'only what this person did')
    .option('--action <action>', 'only this: policy.create, or policy for all of its kind')
    .option('--subject <id>', 'only what was done to this')
    .option('--limit <number>', 'at most so many', wholeNumber, 50)
    .action(
      act(async (io, options: AuditOptions) => await (await import('../actions/audit.ts')).showAudit(io, options)),
    );
  declare(audit, {
    name: 'verify',
    summary: 'Check that no entry was changed or removed since it was written.',
    about: 'Every entry has a hash, and seals stand for all entries before them. The exit code is 1 when one is wrong.',
    examples: ['pointsman audit verify'],
  }).action(
    act(async (io, options: CommonOptions) => await (await import('../actions/audit.ts')).verifyAudit(io, options)),
  );
  declare(audit, {
    name: 'export',
    summary: 'Print all of it, oldest first, one line of JSON each.',
    examples: ['pointsman audit export > audit.jsonl', 'pointsman audit export --format cloudevents'],
    withoutJson: true,
  })
    .option('--actor <name>', 'only what this person did')
    .option('--action <action>', 'only this: policy.create, or policy for all of its kind')
    .option('--subject <id>', 'only what was done to this')
    .addOption(choice('--format <format>', 'how (default: jsonl)', ['jsonl', 'cloudevents']).default('jsonl', ''))
    .action(
      act(
        async (io, options: ExportAuditOptions) => await (await import('../actions/audit.ts')).exportAudit(io, options),
      ),
    );
}
