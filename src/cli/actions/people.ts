/** `pointsman users` and `pointsman tokens`: who may do what. */
import type { Role, Token } from '../../contract/identity.ts';
import { durationMs } from '../../contract/tasks.ts';
import type { RouteResponse } from '../../contract/routes.ts';
import type { ApiClient } from '../api-client.ts';
import { askPassword } from '../ask-password.ts';
import type { CommandIo } from '../command-io.ts';
import { pickByName } from '../find-named.ts';
import { printable } from '../output/printable-text.ts';
import { ago } from '../output/quantities.ts';
import { shortIds } from '../output/short-ids.ts';
import { type CommonOptions, openSession } from '../session.ts';
import { UsageError } from '../usage-error.ts';

type User = RouteResponse<'listUsers'>[number];

export async function listTokens(io: CommandIo, options: CommonOptions & { limit?: number }): Promise<void> {
  const { api, print } = openSession(io, options);
  const { items, more } = await api.list('listTokens', {}, options.limit);
  if (options.json) return print.json(items);
  const short = shortIds(items.map((token) => token.id));
  print.table<Token>(
    [
      { title: 'ID', value: (token) => short(token.id) },
      { title: 'NAME', value: (token) => token.name, shrinks: true },
      { title: 'ROLE', value: (token) => token.role },
      { title: 'CREATED', value: (token) => ago(token.createdAt) },
      { title: 'EXPIRES', value: (token) => (token.expiresAt === null ? 'never' : ago(token.expiresAt)) },
      { title: 'USED', value: (token) => ago(token.lastUsedAt) },
    ],
    items,
    'There are no tokens.',
  );
  if (more) print.note('There are more; raise --limit.');
}

export interface CreateTokenOptions extends CommonOptions {
  name: string;
  role: Role;
  /** ISO-8601 time or duration. */
  expires?: string;
  commands?: boolean;
}

export async function createToken(io: CommandIo, options: CreateTokenOptions): Promise<void> {
  const { api, print } = openSession(io, options);
  const { name, role } = options;
  const expiresAt = options.expires === undefined ? {} : { expiresAt: timeOf(options.expires) };
  const token = await api.call('createToken', {
    body: { name, role, ...permissionsOf(options.commands), ...expiresAt },
  });
  if (options.json) print.json(token);
  else print.line(token.token);
  print.note('This is shown once. Keep it in POINTSMAN_TOKEN, and the address of the server in POINTSMAN_URL.');
}

export async function revokeToken(io: CommandIo, options: CommonOptions & { token: string }): Promise<void> {
  const { api, print } = openSession(io, options);
  const { items } = await api.list('listTokens', {});
  const { id, name } = pickByName(items, options.token, { thing: 'token', notFound: 'NOT_FOUND' });
  await api.call('revokeToken', { params: { id } });
  if (options.json) print.json({ id });
  print.note(`Revoked “${printable(name)}”.`);
}

export async function listUsers(io: CommandIo, options: CommonOptions & { limit?: number }): Promise<void> {
  const { api, print } = openSession(io, options);
  const { items, more } = await api.list('listUsers', {}, options.limit);
  if (options.json) return print.json(items);
  print.table<User>(
    [
      { title: 'NAME', value: (user) => user.name, shrinks: true },
      { title: 'ROLE', value: (user) => user.role },
      { title: 'COMMANDS', value: (user) => (user.permissions.includes('workflow.commands') ? 'yes' : 'no') },
      { title: 'PASSWORD', value: (user) => (user.hasPassword ? 'yes' : 'no') },
      {
        title: 'STATE',
        value: (user) => (user.disabled ? 'disabled' : 'active'),
        paint: (cell, user) => print.paint(user.disabled ? 'red' : 'green', cell),
      },
      { title: 'CREATED', value: (user) => ago(user.createdAt) },
    ],
    items,
    'There are no people yet.',
  );
  if (more) print.note('There are more; raise --limit.');
}

export interface AddUserOptions extends CommonOptions {
  name: string;
  role: Role;
  commands?: boolean;
  /** False under --no-password. */
  password: boolean;
}

export async function addUser(io: CommandIo, options: AddUserOptions): Promise<void> {
  const { api, print } = openSession(io, options);
  const { name, role } = options;
  const password = options.password ? { password: await askPassword(io, `Password for ${printable(name)}`) } : {};
  const user = await api.call('createUser', { body: { name, role, ...permissionsOf(options.commands), ...password } });
  if (options.json) print.json(user);
  else print.line(user.id);
  print.note(`Added ${printable(user.name)} as ${user.role}.`);
}

export async function setPassword(io: CommandIo, options: CommonOptions & { user: string }): Promise<void> {
  const { api, print } = openSession(io, options);
  const { id, name } = await findUser(api, options.user);
  const password = await askPassword(io, `New password for ${printable(name)}`);
  const user = await api.call('updateUser', { params: { id }, body: { password } });
  if (options.json) print.json(user);
  print.note(`Changed the password of ${printable(name)}.`);
}

export async function setDisabled(
  io: CommandIo,
  options: CommonOptions & { user: string; disabled: boolean },
): Promise<void> {
  const { api, print } = openSession(io, options);
  const { id, name } = await findUser(api, options.user);
  const user = await api.call('updateUser', { params: { id }, body: { disabled: options.disabled } });
  if (options.json) print.json(user);
  print.note(options.disabled ? `${printable(name)} can no longer sign in.` : `${printable(name)} can sign in again.`);
}

async function findUser(api: ApiClient, name: string): Promise<User> {
  const { items } = await api.list('listUsers', {});
  return pickByName(items, name, { thing: 'person', notFound: 'NOT_FOUND' });
}

function permissionsOf(commands: boolean | undefined): { permissions?: ['workflow.commands'] } {
  return commands ? { permissions: ['workflow.commands'] } : {};
}

function timeOf(text: string): string {
  const fromNow = durationMs(text);
  const at = fromNow === null ? Date.parse(text) : Date.now() + fromNow;
  if (Number.isNaN(at))
    throw new UsageError(`“${text}” is neither a time nor a duration.`, 'Write it like P30D, or 2027-01-31T00:00:00Z.');
  return new Date(at).toISOString();
}
