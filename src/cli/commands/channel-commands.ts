/** channels. */
import type { Command } from 'commander';
import type { SetChannelOptions } from '../actions/channels.ts';
import type { CommonOptions } from '../session.ts';
import { type Act, choice, declare, declareGroup } from './declare.ts';
import { wholeNumber } from './option-values.ts';

export function declareChannelCommands(program: Command, act: Act): void {
  const channels = declareGroup(program, {
    name: 'channels',
    summary: 'Name where workflows send messages.',
    about: 'Addresses and keys that must not be seen are secrets. Without a command: ls.',
    examples: ['pointsman channels set ops --kind slack --url secret:SLACK_OPS', 'pointsman channels test ops'],
  });
  declare(channels, { name: 'ls', summary: 'List the channels.', examples: ['pointsman channels ls'] })
    .option('--limit <number>', 'at most so many', wholeNumber, 200)
    .action(
      act(
        async (io, options: CommonOptions & { limit: number }) =>
          await (await import('../actions/channels.ts')).listChannels(io, options),
      ),
    );
  declare(channels, {
    name: 'set <name>',
    summary: 'Make or replace a channel.',
    examples: [
      'pointsman channels set ops --kind slack --url secret:SLACK_OPS',
      'pointsman channels set deploys --kind webhook --url https://hooks.example.com/in --secret HOOK_KEY',
    ],
  })
    .addOption(choice('--kind <kind>', 'who receives', ['webhook', 'slack']).makeOptionMandatory())
    .requiredOption('--url <url>', 'where to; secret:NAME is a stored secret, which Slack needs')
    .option('--secret <name>', 'stored secret that signs what a webhook gets')
    .action(
      act(
        async (io, name: string, options: Omit<SetChannelOptions, 'name'>) =>
          await (await import('../actions/channels.ts')).setChannel(io, { ...options, name }),
      ),
    );
  declare(channels, {
    name: 'rm <name>',
    summary: 'Remove a channel; a step that sends to it fails from now on.',
    examples: ['pointsman channels rm ops'],
  }).action(
    act(
      async (io, name: string, options: CommonOptions) =>
        await (await import('../actions/channels.ts')).removeChannel(io, { ...options, name }),
    ),
  );
  declare(channels, {
    name: 'test <name>',
    summary: 'Send a test message and show the answer.',
    examples: ['pointsman channels test ops'],
  }).action(
    act(
      async (io, name: string, options: CommonOptions) =>
        await (await import('../actions/channels.ts')).testChannel(io, { ...options, name }),
    ),
  );
}
