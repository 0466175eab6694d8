/** `pointsman secrets`: values that agents use by name; what is stored is never shown again. */
import type { Secret } from '../../contract/secrets.ts';
import { askPassword } from '../ask-password.ts';
import type { CommandIo } from '../command-io.ts';
import { ago } from '../output/quantities.ts';
import { type CommonOptions, openSession } from '../session.ts';

export async function listSecrets(io: CommandIo, options: CommonOptions & { limit?: number }): Promise<void> {
  const { api, print } = openSession(io, options);
  const { items, more } = await api.list('listSecrets', {}, options.limit);
  if (options.json) return print.json(items);
  print.table<Secret>(
    [
      { title: 'NAME', value: (secret) => secret.name },
      { title: 'CHANGED', value: (secret) => ago(secret.updatedAt) },
      { title: 'BY', value: (secret) => secret.createdBy, shrinks: true },
    ],
    items,
    'There are no secrets. Store one with `pointsman secrets set NAME`.',
  );
  if (more) print.note('There are more; raise --limit.');
}

export async function setSecret(io: CommandIo, options: CommonOptions & { name: string }): Promise<void> {
  const { api, print } = openSession(io, options);
  const value = await askPassword(io, `Value of ${options.name}`);
  const secret = await api.call('putSecret', { params: { name: options.name }, body: { value } });
  if (options.json) return print.json(secret);
  print.line(`Stored. An agent gets it with --env VARIABLE=secret:${secret.name}, from its next start on.`);
}

export async function removeSecret(io: CommandIo, options: CommonOptions & { name: string }): Promise<void> {
  const { api, print } = openSession(io, options);
  await api.call('deleteSecret', { params: { name: options.name } });
  if (options.json) return print.json({ removed: options.name });
  print.line(`Removed ${options.name}.`);
}
