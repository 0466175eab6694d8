/** `pointsman channels`: where workflows send messages. */
import type { Channel } from '../../contract/channels.ts';
import type { CommandIo } from '../command-io.ts';
import { ago } from '../output/quantities.ts';
import { type CommonOptions, openSession } from '../session.ts';
import { UsageError } from '../usage-error.ts';

export async function listChannels(io: CommandIo, options: CommonOptions & { limit?: number }): Promise<void> {
  const { api, print } = openSession(io, options);
  const { items, more } = await api.list('listChannels', {}, options.limit);
  if (options.json) return print.json(items);
  print.table<Channel>(
    [
      { title: 'NAME', value: (channel) => channel.name },
      { title: 'KIND', value: (channel) => channel.kind },
      { title: 'URL', value: (channel) => channel.url, shrinks: true },
      { title: 'SECRET', value: (channel) => channel.secret ?? '' },
      { title: 'CHANGED', value: (channel) => ago(channel.updatedAt) },
    ],
    items,
    'There are no channels. Make one with `pointsman channels set NAME`.',
  );
  if (more) print.note('There are more; raise --limit.');
}

export interface SetChannelOptions extends CommonOptions {
  name: string;
  kind: 'webhook' | 'slack';
  url: string;
  secret?: string;
}

export async function setChannel(
  io: CommandIo,
  { name, kind, url, secret, ...options }: SetChannelOptions,
): Promise<void> {
  const { api, print } = openSession(io, options);
  if (kind === 'webhook' && secret === undefined)
    throw new UsageError(
      'A webhook is signed with a secret.',
      'Store one with `pointsman secrets set NAME` and name it with --secret.',
    );
  if (kind === 'slack' && secret !== undefined)
    throw new UsageError('Slack knows no signature.', 'Leave --secret out.');
  const body = kind === 'webhook' ? { kind, url, secret: secret ?? '' } : { kind, url };
  const channel = await api.call('putChannel', { params: { name }, body });
  if (options.json) return print.json(channel);
  print.line(`Workflows can send to ${channel.name} now. Try it with: pointsman channels test ${channel.name}`);
}

export async function removeChannel(io: CommandIo, options: CommonOptions & { name: string }): Promise<void> {
  const { api, print } = openSession(io, options);
  await api.call('deleteChannel', { params: { name: options.name } });
  if (options.json) return print.json({ removed: options.name });
  print.line(`Removed ${options.name}.`);
}

export async function testChannel(io: CommandIo, options: CommonOptions & { name: string }): Promise<void> {
  const { api, print } = openSession(io, options);
  const receipt = await api.call('testChannel', { params: { name: options.name } });
  if (options.json) return print.json(receipt);
  print.line(`Sent to ${receipt.channel}: it answered with status ${receipt.status}.`);
}
