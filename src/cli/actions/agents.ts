/** `pointsman agents`: what they are doing, and their lives. */
import path from 'node:path';
import type { Agent, AgentKind, CreateAgent } from '../../contract/agents.ts';
import { agentReason } from '../../contract/agent-reason.ts';
import type { CommandIo } from '../command-io.ts';
import { findAgent } from '../find-named.ts';
import { givenJson, readText } from '../given-values.ts';
import { statusColour } from '../output/paint.ts';
import { printable } from '../output/printable-text.ts';
import { ago, size } from '../output/quantities.ts';
import { type CommonOptions, openSession } from '../session.ts';
import { UsageError } from '../usage-error.ts';

export async function listAgents(io: CommandIo, options: CommonOptions & { limit?: number }): Promise<void> {
  const { api, print } = openSession(io, options);
  const { items, more } = await api.list('listAgents', {}, options.limit);
  if (options.json) return print.json(items);
  print.table<Agent>(
    [
      { title: 'NAME', value: (agent) => agent.name, shrinks: true },
      { title: 'KIND', value: (agent) => agent.kind },
      {
        title: 'STATUS',
        value: (agent) => agent.status,
        paint: (cell, agent) => print.paint(statusColour(agent.status), cell),
      },
      { title: 'SINCE', value: (agent) => ago(agent.statusSince) },
      { title: 'CPU', value: (agent) => `${agent.cpu.toFixed(1)} %`, align: 'right' },
      { title: 'MEMORY', value: (agent) => size(agent.memory), align: 'right' },
      { title: 'COST', value: (agent) => (agent.cost > 0 ? `$${agent.cost.toFixed(2)}` : '-'), align: 'right' },
      { title: 'WHY', value: agentReason, shrinks: true },
    ],
    items,
    'There are no agents yet. Add one with `pointsman agents add NAME --workspace PATH`.',
  );
  if (more) print.note('There are more; raise --limit.');
}

export async function showAgent(io: CommandIo, options: CommonOptions & { agent: string }): Promise<void> {
  const { api, print } = openSession(io, options);
  const agent = await findAgent(api, options.agent);
  if (options.json) return print.json(agent);
  print.fields([
    ['id', agent.id],
    ['name', agent.name],
    ['kind', `${agent.kind} (${agent.mode})`],
    ['role', agent.role],
    ['status', `${agent.status} since ${ago(agent.statusSince)}: ${agent.statusReason}`],
    [
      'workspace',
      `${agent.workspace.path} (${agent.workspace.isolation}${agent.workspace.branch ? `, branch ${agent.workspace.branch}` : ''})`,
    ],
    ['held', agent.heldBy && `since ${ago(agent.heldBy.since)}: ${agent.heldBy.reason}`],
    ['capabilities', agent.capabilities.join(', ')],
    ['model', agent.model],
    ['definition', agent.definition],
    ['command', agent.command?.join(' ')],
    ['environment', agent.envNames?.join(', ')],
    ['host', agent.host],
    ['session', agent.sessionName],
    ['task', agent.currentTask],
    [
      'use',
      `${agent.cpu.toFixed(1)} % of a core, ${size(agent.memory)}, ${agent.tokens} tokens, $${agent.cost.toFixed(2)}`,
    ],
    ['seat', agent.seat ? `${agent.seat.by} since ${ago(agent.seat.since)}` : undefined],
    ['last activity', ago(agent.lastActivity)],
    ['created', ago(agent.createdAt)],
  ]);
}

export interface AddAgentOptions extends CommonOptions {
  name?: string;
  command: string[];
  file?: string;
  kind?: AgentKind;
  mode?: 'tmux' | 'headless';
  workspace?: string;
  isolation?: 'shared' | 'worktree';
  worktree?: boolean;
  role?: string;
  model?: string;
  instructions?: string;
  definition?: string;
  capability?: string[];
  permissionMode?: NonNullable<CreateAgent['permissionMode']>;
  env?: string[];
  /** False under --no-start. */
  start: boolean;
}

export async function addAgent(io: CommandIo, options: AddAgentOptions): Promise<void> {
  const { api, print } = openSession(io, options);
  const agent = await api.call('createAgent', { body: agentBody(options) });
  if (options.json) print.json(agent);
  else print.line(agent.id);
  print.note(`Added ${printable(agent.name)} (${agent.status}).`);
}

type Lifecycle = 'startAgent' | 'stopAgent' | 'restartAgent' | 'interruptAgent';

/** The same for each agent named; the first that refuses ends it. */
export async function changeAgents(
  io: CommandIo,
  options: CommonOptions & { agents: string[]; action: Lifecycle; fresh?: boolean },
): Promise<void> {
  const { api, print } = openSession(io, options);
  const found = await Promise.all(options.agents.map(async (name) => await findAgent(api, name)));
  const changed: Agent[] = [];
  for (const { id } of found) {
    const agent =
      options.action === 'restartAgent'
        ? await api.call('restartAgent', { params: { id }, query: options.fresh ? { fresh: 'true' } : {} })
        : await api.call(options.action, { params: { id } });
    changed.push(agent);
    if (!options.json)
      print.note(`${printable(agent.name)}: ${print.paintError(statusColour(agent.status), agent.status)}`);
  }
  if (options.json) print.json(changed.length === 1 ? changed[0] : changed);
}

export async function removeAgents(
  io: CommandIo,
  options: CommonOptions & { agents: string[]; keepWorktree?: boolean },
): Promise<void> {
  const { api, print } = openSession(io, options);
  const found = await Promise.all(options.agents.map(async (name) => await findAgent(api, name)));
  for (const { id, name } of found) {
    await api.call('deleteAgent', { params: { id }, query: options.keepWorktree ? { worktree: 'keep' } : {} });
    print.note(`Removed ${printable(name)}.`);
  }
  if (options.json) print.json(found.map(({ id }) => ({ id })));
}

export async function explainAgent(io: CommandIo, options: CommonOptions & { agent: string }): Promise<void> {
  const { api, print } = openSession(io, options);
  const agent = await findAgent(api, options.agent);
  const explanation = await api.call('explainAgent', { params: { id: agent.id } });
  if (options.json) return print.json(explanation);
  print.line(
    `${printable(agent.name)} is ${print.paint(statusColour(explanation.status), explanation.status)}: ${printable(explanation.reason)}`,
  );
  for (const warning of explanation.warnings) print.line(print.paint('yellow', printable(warning)));
  print.line();
  print.table(
    [
      { title: '', value: (evidence) => (evidence.used ? '→' : '') },
      { title: 'RANK', value: (evidence) => String(evidence.rank), align: 'right' },
      { title: 'SOURCE', value: (evidence) => evidence.source },
      { title: 'SAYS', value: (evidence) => evidence.value },
      { title: 'AGE', value: (evidence) => `${Math.round(evidence.ageSeconds)} s`, align: 'right' },
      { title: 'BECAUSE', value: (evidence) => evidence.reason, shrinks: true },
    ],
    explanation.evidence,
    'There is no evidence yet.',
  );
}

function agentBody(options: AddAgentOptions): CreateAgent {
  const base = options.file === undefined ? {} : (givenJson(`@${options.file}`, '--file') as Partial<CreateAgent>); // the server checks every field
  const name = options.name ?? base.name;
  const place = options.workspace === undefined ? base.workspace?.path : path.resolve(options.workspace);
  if (name === undefined) throw new UsageError('The agent needs a name.', 'Write it as `pointsman agents add NAME`.');
  return {
    ...base,
    name,
    kind: options.kind ?? base.kind ?? 'shell',
    workspace: {
      ...base.workspace,
      path: place ?? process.cwd(),
      ...(options.worktree ? { isolation: 'worktree' as const } : {}),
      ...(options.isolation ? { isolation: options.isolation } : {}),
    },
    ...(options.mode ? { mode: options.mode } : {}),
    ...(options.role === undefined ? {} : { role: options.role }),
    ...(options.model === undefined ? {} : { model: options.model }),
    ...(options.instructions === undefined ? {} : { instructions: readText(options.instructions) }),
    ...(options.definition === undefined ? {} : { definition: options.definition }),
    ...(options.capability ? { capabilities: options.capability } : {}),
    ...(options.permissionMode ? { permissionMode: options.permissionMode } : {}),
    ...(options.command.length > 0 ? { command: options.command } : {}),
    ...(options.env ? { env: environment(options.env) } : {}),
    ...(options.file === undefined || !options.start ? { autostart: options.start } : {}),
  };
}

function environment(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at <= 0)
        throw new UsageError(
          `“${pair}” is not a variable.`,
          'Write it as --env NAME=value, or --env NAME=secret:STORED_NAME.',
        );
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}
