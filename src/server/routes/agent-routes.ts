/** REST of agents: their rows, their lifecycle, their terminal. */
import type { FastifyInstance } from 'fastify';
import type { AgentDefinition } from '../../contract/agent-definitions.ts';
import type { AgentExplanation } from '../../contract/agents.ts';
import { PointsmanError } from '../../contract/errors.ts';
import { EVIDENCE_SOURCES, fuseStatus } from '../../domain/agent-status.ts';
import { askAgent } from '../../engine/agents/ask-agent.ts';
import { agentTranscript } from '../../engine/agents/agent-transcript.ts';
import { agentView, publishAgent } from '../../engine/agents/agent-view.ts';
import { forgetCredentials } from '../../engine/agents/adopted-credentials.ts';
import { createAgent, refuseUnknownSecrets } from '../../engine/agents/create-agent.ts';
import { startDayAnew } from '../../engine/budgets/day-budget.ts';
import { homeOf, moveOut } from '../../engine/worktrees/agent-worktree.ts';
import type { AgentSession } from '../../ports/agent-host.ts';
import type { AgentRecord } from '../../ports/store/agents.ts';
import { actorOf, may } from '../auth/principal.ts';
import { listPage } from '../http/list-page.ts';
import { registerRoute } from '../http/register-route.ts';
import type { Services } from '../services.ts';
import { keyBytes } from './terminal-keys.ts';

const METRICS_WINDOW_MS = 3_600_000;
const LOAD_WINDOW_MS = 300_000; // as much as the small line in a list of agents shows

export function agentRoutes(app: FastifyInstance, services: Services): void {
  const { store, engine, agents, definitions } = services;
  const view = (record: AgentRecord) => agentView(record, agents.live(record.id)?.currentTaskId ?? null);

  registerRoute(app, store, 'listAgents', async ({ query, nextPage }) => {
    const page = await listPage(
      { query, nextPage },
      {
        read: (limit) => store.agents.list({ limit, ...(query.cursor ? { after: query.cursor } : {}) }),
        cursorOf: (last) => last.id,
      },
    );
    return page.map(view);
  });

  registerRoute(app, store, 'createAgent', async ({ body, principal, reply }) => {
    const { definition: name, ...wish } = body;
    if (name !== undefined && wish.instructions !== undefined) throw twoSources(name);
    const create = (definition: AgentDefinition | null) =>
      createAgent({ ...engine, agents }, { ...wish, definition }, actorOf(principal));
    const agent = await (name === undefined ? create(null) : definitions.use(name, create));
    void reply.header('location', `/api/agents/${agent.id}`);
    return view(agent);
  });

  registerRoute(app, store, 'listAdoptable', () => agents.adoptable());

  registerRoute(app, store, 'adoptAgent', async ({ body, principal, reply }) => {
    const agent = await agents.adopt(body, actorOf(principal));
    void reply.header('location', `/api/agents/${agent.id}`);
    return view(agent);
  });

  registerRoute(app, store, 'getAgent', async ({ params }) => view(await required(services, params.id)));

  registerRoute(app, store, 'updateAgent', async ({ params, body, principal }) => {
    const before = await required(services, params.id);
    if ((body.command !== undefined || body.env !== undefined) && !may(principal, 'administer'))
      throw new PointsmanError('FORBIDDEN', {
        detail: 'Only an administrator may change the command or environment of an agent.',
      });
    await refuseUnknownSecrets(services.engine, body.env ?? {});
    const { workspace: wanted, definition: name, ...changes } = body;
    const source = name === undefined ? before.definition?.name : name;
    if (changes.instructions !== undefined && source) throw twoSources(source);
    const workspace = wanted ? await newWorkspace(services, before, wanted) : null;
    const other = body.name && body.name !== before.name ? await store.agents.getByName(body.name) : null;
    if (other) throw new PointsmanError('AGENT_NAME_TAKEN');
    const change = (definition?: AgentDefinition | null) =>
      store.transaction(async (transaction) => {
        const after = await transaction.agents.update(params.id, {
          ...defined(changes),
          ...(workspace ? { workspace } : {}),
          ...(definition === undefined ? {} : { definition: definition && { version: 1, ...definition } }),
          ...(definition ? { instructions: null } : {}),
        });
        if (!after) throw new PointsmanError('AGENT_NOT_FOUND');
        publishAgent(transaction, after, agents.live(params.id)?.currentTaskId);
        if (body.budget !== undefined) await startDayAnew(engine, transaction, after);
        await transaction.identity.audit({
          actor: principal.name,
          action: 'agent.change',
          subject: params.id,
          detail: { fields: Object.keys(body) },
        });
        return view((await transaction.agents.get(params.id)) ?? after);
      });
    return typeof name === 'string' ? definitions.use(name, change) : change(name);
  });

  registerRoute(app, store, 'deleteAgent', async ({ params, query, principal }) => {
    const before = await required(services, params.id);
    if (before.session?.adopted) await agents.letGo(params.id);
    await askAgent(engine, params.id, 'stopped');
    await agents.follow(params.id);
    if (query.worktree !== 'keep') await leaveWorktree(services, await required(services, params.id));
    await store.transaction(async (transaction) => {
      await transaction.agents.remove(params.id);
      await transaction.identity.audit({
        actor: principal.name,
        action: 'agent.remove',
        subject: params.id,
        detail: {},
      });
      transaction.publish(
        { topic: 'agents', event: 'agent.deleted', data: { id: params.id } },
        { topic: `agent:${params.id}`, event: 'agent.deleted', data: { id: params.id } },
      );
    });
    await forgetCredentials(engine.secrets, params.id);
    return undefined;
  });

  registerRoute(app, store, 'startAgent', async ({ params }) => {
    const agent = await required(services, params.id);
    if (agent.desired === 'running' && agents.live(params.id)) throw new PointsmanError('AGENT_ALREADY_RUNNING');
    await requireDirectory(services, agent.workspace.path);
    return view(await askAgent(engine, params.id, 'running'));
  });

  registerRoute(app, store, 'stopAgent', async ({ params }) => {
    const agent = await required(services, params.id);
    if (agent.desired === 'stopped' && !agents.live(params.id)) throw new PointsmanError('AGENT_NOT_RUNNING');
    return view(await askAgent(engine, params.id, 'stopped'));
  });

  registerRoute(app, store, 'restartAgent', async ({ params, query }) => {
    const agent = await required(services, params.id);
    await requireDirectory(services, agent.workspace.path);
    await agents.restart(params.id, { fresh: query.fresh === 'true' });
    return view(await required(services, params.id));
  });

  registerRoute(app, store, 'interruptAgent', async ({ params }) => {
    const agent = await required(services, params.id);
    if (!agents.live(params.id)) throw new PointsmanError('AGENT_NOT_RUNNING');
    if (!(await agents.interrupt(params.id))) throw new PointsmanError('AGENT_IDLE');
    return view(agent);
  });

  registerRoute(app, store, 'takeSeat', async ({ params, query, principal }) => {
    await required(services, params.id);
    return takeSeat(services, params.id, principal.name, query.force === 'true');
  });

  registerRoute(app, store, 'giveSeat', async ({ params, principal }) => {
    const agent = await required(services, params.id);
    if (agent.seat && agent.seat.by !== principal.name) throw new PointsmanError('SEAT_REQUIRED');
    await giveSeat(services, params.id, principal.name);
    return undefined;
  });

  registerRoute(app, store, 'sendInput', async ({ params, body, principal }) => {
    const agent = await required(services, params.id);
    const session = requireTerminal(services, agent);
    // What an adopted session asks is in no inbox.
    if (agent.status === 'blocked' && !agent.session?.adopted) throw new PointsmanError('AGENT_BLOCKED');
    if (agent.seat?.by !== principal.name) throw new PointsmanError('SEAT_REQUIRED');
    await session.keys(
      'text' in body
        ? new TextEncoder().encode(body.text.replaceAll('\r\n', '\n').replaceAll('\n', '\r'))
        : keyBytes(body.keys),
    );
    return undefined;
  });

  registerRoute(app, store, 'getScreen', async ({ params, query }) => {
    const session = requireTerminal(services, await required(services, params.id));
    const format = query.format ?? 'text';
    return {
      format,
      ...session.size,
      screen: await session.screen(format, query.scrollback === undefined ? {} : { scrollback: query.scrollback }),
    };
  });

  registerRoute(app, store, 'explainAgent', async ({ params }) =>
    explain(services, await required(services, params.id)),
  );

  registerRoute(app, store, 'getTranscript', async ({ params, query, nextPage }) => {
    const agent = await required(services, params.id);
    const { entries, older } = await agentTranscript(
      { store, agents },
      { agent, limit: query.limit ?? 50, ...(query.cursor ? { before: query.cursor } : {}) },
    );
    if (older !== null) nextPage(older);
    return entries;
  });

  registerRoute(app, store, 'getAgentMetrics', async ({ params }) => {
    await required(services, params.id);
    const since = new Date(engine.clock.now().getTime() - METRICS_WINDOW_MS).toISOString();
    return { agentId: params.id, points: await store.agents.metrics(params.id, since) };
  });

  registerRoute(app, store, 'listAgentLoads', () =>
    store.agents.loads(new Date(engine.clock.now().getTime() - LOAD_WINDOW_MS).toISOString()),
  );
}

/** Whoever changes instructions that others share should see that they do. */
function twoSources(definition: string): PointsmanError {
  const message = `Its instructions come from the definition “${definition}”: change that, or send \`definition: null\` with instructions of its own.`;
  return new PointsmanError('INVALID_REQUEST', {
    detail: message,
    problems: [{ path: '/instructions', code: 'INVALID_VALUE', message, severity: 'error' }],
  });
}

export async function required({ store }: Pick<Services, 'store'>, id: string): Promise<AgentRecord> {
  const agent = await store.agents.get(id);
  if (!agent) throw new PointsmanError('AGENT_NOT_FOUND');
  return agent;
}

export async function takeSeat(
  { store, engine }: Pick<Services, 'store' | 'engine'>,
  agentId: string,
  by: string,
  force: boolean,
) {
  const since = engine.clock.now().toISOString();
  return store.transaction(async (transaction) => {
    const taken = await transaction.agents.takeSeat(agentId, { by, since }, force);
    if (!taken)
      throw new PointsmanError('SEAT_TAKEN', {
        detail: `${(await transaction.agents.get(agentId))?.seat?.by ?? 'Somebody'} holds the seat.`,
      });
    transaction.publish({ topic: `agent:${agentId}`, event: 'seat.changed', data: { agentId, by, since } });
    await transaction.identity.audit({ actor: by, action: 'seat.take', subject: agentId, detail: { force } });
    return { agentId, by, since };
  });
}

export async function giveSeat({ store }: Pick<Services, 'store'>, agentId: string, by: string): Promise<void> {
  await store.transaction(async (transaction) => {
    const agent = await transaction.agents.get(agentId);
    if (agent?.seat?.by !== by) return;
    await transaction.agents.update(agentId, { seat: null });
    transaction.publish({ topic: `agent:${agentId}`, event: 'seat.changed', data: { agentId, by: null, since: null } });
  });
}

function requireTerminal({ agents }: Services, agent: AgentRecord): AgentSession {
  const terminal = agents.terminal(agent.id);
  if (!terminal) throw new PointsmanError(agent.mode === 'headless' ? 'NO_TERMINAL' : 'AGENT_NOT_RUNNING');
  return terminal;
}

function explain({ agents, engine }: Services, agent: AgentRecord): AgentExplanation {
  const evidence = agents.live(agent.id)?.evidence() ?? [];
  const fused = fuseStatus(evidence);
  const now = engine.clock.now().getTime();
  return {
    agentId: agent.id,
    status: agent.status,
    reason: agent.statusReason,
    evidence: evidence.map((item) => ({
      source: item.source,
      rank: EVIDENCE_SOURCES.indexOf(item.source) + 1,
      value: item.value,
      reason: item.reason,
      at: item.at,
      ageSeconds: Math.max(0, (now - Date.parse(item.at)) / 1000),
      used: item.source === fused.source,
    })),
    warnings: agent.session?.warning ? [agent.session.warning] : [],
  };
}

/** Never over uncommitted work: then it says where that lies, and nothing was removed. */
async function leaveWorktree({ engine }: Services, agent: AgentRecord): Promise<void> {
  if (agent.workspace.isolation !== 'worktree' || (await moveOut(engine, agent)) === 'gone') return;
  throw new PointsmanError('WORKTREE_HOLDS_WORK', {
    detail: `${homeOf(agent)} holds uncommitted work of ${agent.name}, which is stopped now.`,
  });
}

/** A worktree belongs to one directory: another one, or none, only while the agent is stopped and the old one is gone. */
async function newWorkspace(
  services: Services,
  agent: AgentRecord,
  { path, isolation = 'shared' }: { path: string; isolation?: AgentRecord['workspace']['isolation'] | undefined },
): Promise<AgentRecord['workspace']> {
  const { workspace } = agent;
  await requireDirectory(services, path);
  if (path === workspace.path && isolation === workspace.isolation) return workspace;
  if (isolation === 'worktree' || workspace.isolation === 'worktree') {
    if (agent.desired === 'running' || services.agents.live(agent.id))
      throw new PointsmanError('AGENT_ALREADY_RUNNING', {
        detail: 'Stop the agent before it moves into another workspace.',
      });
    const unfit = isolation === 'worktree' ? await services.engine.workspaces.unfitForWorktree(path) : null;
    if (unfit)
      throw new PointsmanError('WORKSPACE_NOT_A_REPOSITORY', {
        detail: unfit,
        problems: [{ path: '/workspace/path', code: 'WORKSPACE_NOT_A_REPOSITORY', message: unfit, severity: 'error' }],
      });
    await leaveWorktree(services, agent);
  }
  return { path, isolation };
}

async function requireDirectory({ engine }: Services, path: string): Promise<void> {
  if (!(await engine.directoryExists(path)))
    throw new PointsmanError('WORKSPACE_MISSING', {
      detail: `${path} is not a directory.`,
      problems: [
        {
          path: '/workspace/path',
          code: 'WORKSPACE_MISSING',
          message: 'This directory does not exist.',
          severity: 'error',
        },
      ],
    });
}

function defined<T extends object>(changes: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
