/** `pointsman state`: values that agents and workflows share. */
import type { CommandIo } from '../command-io.ts';
import { givenValue, readFileOrInput } from '../given-values.ts';
import { printable, printableJson } from '../output/printable-text.ts';
import { ago } from '../output/quantities.ts';
import type { StateNamespace } from '../../contract/shared-state.ts';
import type { RouteResponse } from '../../contract/routes.ts';
import { type CommonOptions, openSession } from '../session.ts';

export async function listNamespaces(io: CommandIo, options: CommonOptions & { limit?: number }): Promise<void> {
  const { api, print } = openSession(io, options);
  const { items, more } = await api.list('listNamespaces', {}, options.limit);
  if (options.json) return print.json(items);
  print.table<StateNamespace>(
    [
      { title: 'NAMESPACE', value: ({ namespace }) => namespace },
      { title: 'ENTRIES', value: ({ entries }) => String(entries), align: 'right' },
      { title: 'CHANGED', value: ({ updatedAt }) => ago(updatedAt) },
    ],
    items,
    'Nothing is shared yet. Agents and workflows write values, and so does `pointsman state set`.',
  );
  if (more) print.note('There are more; raise --limit.');
}

export async function listState(
  io: CommandIo,
  options: CommonOptions & { namespace: string; limit?: number },
): Promise<void> {
  const { api, print } = openSession(io, options);
  const { items, more } = await api.list('listState', { params: { namespace: options.namespace } }, options.limit);
  if (options.json) return print.json(items);
  print.table<RouteResponse<'listState'>[number]>(
    [
      { title: 'KEY', value: (entry) => entry.key },
      { title: 'VERSION', value: (entry) => String(entry.version), align: 'right' },
      { title: 'CHANGED', value: (entry) => ago(entry.updatedAt) },
      {
        title: 'VALUE',
        value: (entry) => (typeof entry.value === 'string' ? entry.value : printableJson(entry.value, 0)),
        shrinks: true,
      },
    ],
    items,
    `Nothing is stored in ${options.namespace} yet.`,
  );
  if (more) print.note('There are more; raise --limit.');
}

export interface StateKey extends CommonOptions {
  namespace: string;
  key: string;
}

/** For people and pipes the value alone; --json has its version too. */
export async function getState(io: CommandIo, options: StateKey): Promise<void> {
  const { api, print } = openSession(io, options);
  const { namespace, key } = options;
  const entry = await api.call('getState', { params: { namespace, key } });
  if (options.json) print.json(entry);
  else print.line(typeof entry.value === 'string' ? printable(entry.value) : printableJson(entry.value));
}

export async function setState(
  io: CommandIo,
  options: StateKey & { value: string; ifVersion?: number },
): Promise<void> {
  const { api, print } = openSession(io, options);
  const { namespace, key } = options;
  const text = options.value === '-' ? (await readFileOrInput('-', io)).replace(/\n$/, '') : options.value;
  const entry = await api.call('putState', {
    params: { namespace, key },
    body: { value: givenValue(text) },
    ...(options.ifVersion === undefined ? {} : { ifMatch: options.ifVersion }),
  });
  if (options.json) print.json(entry);
  else print.note(`${namespace}/${key} is at version ${entry.version}.`);
}

export async function removeState(io: CommandIo, options: StateKey): Promise<void> {
  const { api, print } = openSession(io, options);
  const { namespace, key } = options;
  await api.call('deleteState', { params: { namespace, key } });
  if (options.json) print.json({ namespace, key });
  print.note(`Removed ${namespace}/${key}.`);
}
