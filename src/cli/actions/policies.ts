/** `pointsman policies`: the rules that answer agents before a person is asked. */
import type { Policy, PolicyEffect } from '../../contract/policies.ts';
import type { ApiClient } from '../api-client.ts';
import type { CommandIo } from '../command-io.ts';
import { findAgent, pickById } from '../find-named.ts';
import { ago } from '../output/quantities.ts';
import { shortIds } from '../output/short-ids.ts';
import { type CommonOptions, openSession } from '../session.ts';
import { UsageError } from '../usage-error.ts';

export async function listPolicies(io: CommandIo, options: CommonOptions & { limit?: number }): Promise<void> {
  const { api, print } = openSession(io, options);
  const { items, more } = await api.list('listPolicies', {}, options.limit);
  if (options.json) return print.json(items);
  const short = shortIds(items.map(({ id }) => id));
  const names = await agentNames(api, items);
  print.table<Policy>(
    [
      { title: 'ID', value: ({ id }) => short(id) },
      {
        title: 'EFFECT',
        value: ({ effect }) => effect,
        paint: (cell, { effect }) => print.paint(EFFECT_COLOURS[effect], cell),
      },
      { title: 'TOOL', value: ({ tool }) => tool },
      { title: 'PATTERN', value: ({ pattern }) => pattern ?? '-', shrinks: true },
      { title: 'FOR', value: (policy) => whom(policy, names) },
      { title: 'BY', value: ({ createdBy }) => createdBy },
      { title: 'SINCE', value: ({ createdAt }) => ago(createdAt) },
      { title: 'NOTE', value: ({ note }) => note ?? '', shrinks: true },
    ],
    items,
    'There are no rules: every request that an agent makes waits in the inbox. Add one with `pointsman policies add EFFECT TOOL`.',
  );
  if (more) print.note('There are more; raise --limit.');
}

export interface AddPolicyOptions extends CommonOptions {
  effect: PolicyEffect;
  tool: string;
  pattern?: string;
  agent?: string;
  role?: string;
  note?: string;
}

export async function addPolicy(
  io: CommandIo,
  { effect, tool, pattern, agent, role, note, ...options }: AddPolicyOptions,
): Promise<void> {
  const { api, print } = openSession(io, options);
  if (agent !== undefined && role !== undefined)
    throw new UsageError('A rule is for an agent or for a role.', 'Name one of them, or neither for all agents.');
  const policy = await api.call('createPolicy', {
    body: {
      effect,
      tool,
      ...(pattern === undefined ? {} : { pattern }),
      ...(agent === undefined ? {} : { agentId: (await findAgent(api, agent)).id }),
      ...(role === undefined ? {} : { role }),
      ...(note === undefined ? {} : { note }),
    },
  });
  if (options.json) return print.json(policy);
  print.line(policy.id);
}

export async function removePolicy(io: CommandIo, options: CommonOptions & { policy: string }): Promise<void> {
  const { api, print } = openSession(io, options);
  const { items } = await api.list('listPolicies', {});
  const { id } = pickById(items, options.policy, { thing: 'rule', notFound: 'POLICY_NOT_FOUND' });
  await api.call('deletePolicy', { params: { id } });
  if (options.json) return print.json({ removed: id });
  print.line(`Removed ${id}.`);
}

const EFFECT_COLOURS = { allow: 'green', ask: 'yellow', deny: 'red' } as const;

async function agentNames(api: ApiClient, policies: readonly Policy[]): Promise<Map<string, string>> {
  if (!policies.some(({ agentId }) => agentId)) return new Map();
  const { items } = await api.list('listAgents', {});
  return new Map(items.map(({ id, name }) => [id, name]));
}

function whom({ agentId, role }: Policy, names: Map<string, string>): string {
  if (agentId) return names.get(agentId) ?? agentId;
  return role ? `role ${role}` : 'all agents';
}
