/** Creates an agent's row; it runs when somebody starts it, or at once with `autostart`. */
import type { AgentDefinition } from '../../contract/agent-definitions.ts';
import type { CreateAgent } from '../../contract/agents.ts';
import { PointsmanError } from '../../contract/errors.ts';
import type { AgentRecord } from '../../ports/store/agents.ts';
import type { Actor } from '../engine-context.ts';
import type { EffectContext } from '../effects/effect-runner.ts';
import { agentView } from './agent-view.ts';
import { secretNamed } from './reveal-environment.ts';

/** Which kinds can run here, in which mode. */
export interface RunnableKinds {
  canRun(kind: string, mode: string): boolean;
}

/** The definition, where one is asked for, comes as it was found. */
export type AgentWish = Omit<CreateAgent, 'definition'> & { definition?: AgentDefinition | null };

export async function createAgent(
  context: EffectContext & { agents: RunnableKinds },
  request: AgentWish,
  by: Actor,
): Promise<AgentRecord> {
  const mode = request.mode ?? firstRunnable(context.agents, request.kind);
  await refuseUnfit(context, request, mode);
  const record = newAgent(context, {
    name: request.name,
    kind: request.kind,
    mode,
    workspace: { path: request.workspace.path, isolation: request.workspace.isolation ?? 'shared' },
    desired: request.autostart ? 'running' : 'stopped',
    role: request.role ?? request.kind,
    model: request.model ?? null,
    capabilities: request.capabilities ?? [],
    instructions: request.instructions ?? null,
    definition: request.definition ? { version: 1, ...request.definition } : null,
    budget: request.budget ?? null,
    permissionMode: request.permissionMode ?? null,
    command: request.command ?? null,
    env: request.env ?? {},
    autostart: request.autostart ?? false,
  });
  await insertAgent(context, record, { by, action: 'agent.create' });
  return record;
}

type Described = Pick<AgentRecord, 'name' | 'kind' | 'mode' | 'workspace' | 'desired' | 'role'> &
  Pick<AgentRecord, 'model' | 'capabilities' | 'instructions' | 'permissionMode' | 'command' | 'env' | 'autostart'> &
  Partial<Pick<AgentRecord, 'definition' | 'budget'>>;

/** As it is before anything was heard of it. */
export function newAgent(context: EffectContext, described: Described): AgentRecord {
  const now = context.clock.now().toISOString();
  return {
    definition: null,
    budget: null,
    ...described,
    id: context.ids.next(),
    status: 'stopped',
    statusReason: 'it was not started yet',
    statusSource: 'process',
    statusSince: now,
    hostId: context.hostId,
    session: null,
    restarts: [],
    seat: null,
    cpu: 0,
    memory: 0,
    tokens: 0,
    cost: 0,
    usageMarks: {},
    held: null,
    lastActivity: null,
    createdAt: now,
  };
}

/** Stores and announces it. */
export async function insertAgent(
  context: EffectContext,
  record: AgentRecord,
  { by, action }: { by: Actor; action: 'agent.create' | 'agent.adopt' },
): Promise<void> {
  await context.store.transaction(async (transaction) => {
    if ((await transaction.agents.insert(record)) === 'name_taken') {
      throw new PointsmanError('AGENT_NAME_TAKEN', {
        detail: `An agent named “${record.name}” exists.`,
        problems: [{ path: '/name', code: 'AGENT_NAME_TAKEN', message: 'Choose another name.', severity: 'error' }],
      });
    }
    await transaction.identity.audit({
      actor: by.name,
      action,
      subject: record.id,
      detail: { name: record.name, kind: record.kind },
    });
    transaction.publish({ topic: 'agents', event: 'agent.created', data: agentView(record) });
    transaction.notify({ channel: 'agents', key: record.id });
  });
}

/** Who names no mode gets a terminal where the kind has one. */
function firstRunnable(agents: RunnableKinds, kind: string): AgentRecord['mode'] {
  const modes = ['tmux', 'headless'] as const;
  return modes.find((mode) => agents.canRun(kind, mode)) ?? 'tmux';
}

async function refuseUnfit(
  context: EffectContext & { agents: RunnableKinds },
  request: AgentWish,
  mode: AgentRecord['mode'],
): Promise<void> {
  const problem = (
    path: string,
    code: 'AGENT_KIND_UNAVAILABLE' | 'WORKSPACE_MISSING' | 'WORKSPACE_NOT_A_REPOSITORY' | 'FEATURE_UNAVAILABLE',
    message: string,
  ) => new PointsmanError(code, { detail: message, problems: [{ path, code, message, severity: 'error' }] });
  const other = mode === 'tmux' ? 'headless' : 'tmux';
  if (!context.agents.canRun(request.kind, mode)) {
    if (context.agents.canRun(request.kind, other))
      throw problem(
        '/mode',
        'FEATURE_UNAVAILABLE',
        `Agents of kind ${request.kind} cannot be run in mode ${mode} yet; use mode ${other}.`,
      );
    throw problem(
      '/kind',
      'AGENT_KIND_UNAVAILABLE',
      `Agents of kind ${request.kind} cannot be run by this version yet.`,
    );
  }
  await refuseUnknownSecrets(context, request.env ?? {});
  if (!(await context.directoryExists(request.workspace.path)))
    throw problem('/workspace/path', 'WORKSPACE_MISSING', `${request.workspace.path} is not a directory.`);
  const unfit =
    request.workspace.isolation === 'worktree'
      ? await context.workspaces.unfitForWorktree(request.workspace.path)
      : null;
  if (unfit) throw problem('/workspace/path', 'WORKSPACE_NOT_A_REPOSITORY', unfit);
}

/** A name that is not stored would be noticed only at the next start. */
export async function refuseUnknownSecrets(
  { secrets }: EffectContext,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [variable, value] of Object.entries(env)) {
    const name = secretNamed(value);
    if (name === null || (await secrets.isStored(name))) continue;
    const message = `There is no secret ${name}. Store it with \`pointsman secrets set ${name}\`.`;
    throw new PointsmanError('INVALID_REQUEST', {
      detail: message,
      problems: [{ path: `/env/${variable}`, code: 'SECRET_NOT_FOUND', message, severity: 'error' }],
    });
  }
}
