/** Finds the sessions that people run themselves, and makes the agent's row that one of them is taken in under. */
import type { AdoptableSession, AdoptSession } from '../../contract/agents.ts';
import { PointsmanError } from '../../contract/errors.ts';
import { Name } from '../../contract/identifiers.ts';
import type { AgentDriver, FoundSession } from '../../ports/agent-driver.ts';
import type { AgentHost, RunningProgram } from '../../ports/agent-host.ts';
import type { AgentRecord } from '../../ports/store/agents.ts';
import type { Actor } from '../engine-context.ts';
import type { EffectContext } from '../effects/effect-runner.ts';
import { keepCredentials } from './adopted-credentials.ts';
import { newAgent } from './create-agent.ts';

export interface AdoptionParts {
  host: AgentHost;
  drivers: readonly AgentDriver[];
  directoryOf: (agentId: string) => string;
}

export interface Adoptable {
  program: RunningProgram;
  driver: AgentDriver;
  found: FoundSession;
}

/** Without those that are agents already. */
export async function findAdoptable(context: EffectContext, parts: AdoptionParts): Promise<Adoptable[]> {
  const held = new Set(
    (await context.store.agents.list()).flatMap(({ session }) =>
      session ? [`${session.panePid}-${session.panePidStartTicks}`] : [],
    ),
  );
  const all = await parts.host.running();
  const programs = all.filter((program) => !held.has(sessionOf(program)));
  const found = programs.map(async (program) => {
    for (const driver of parts.drivers) {
      const session = await driver.adoption?.recognise(program, all);
      if (session) return { program, driver, found: session };
    }
    return null;
  });
  return (await Promise.all(found)).filter((one) => one !== null);
}

export function adoptableView({ program, driver, found }: Adoptable): AdoptableSession {
  return {
    session: sessionOf(program),
    pid: program.pid,
    kind: driver.kind as AdoptableSession['kind'], // a driver is of one of the contract's kinds
    ...(found.title === undefined ? {} : { title: found.title }),
    directory: found.directory,
    conversation: found.conversation,
    since: found.since,
    terminal: program.terminal,
  };
}

/** The row, not stored yet; its directory knows which conversation the next launch goes on with. */
export async function prepareAdoption(
  context: EffectContext,
  { request, by, ...parts }: AdoptionParts & { request: AdoptSession; by: Actor },
): Promise<AgentRecord> {
  const all = await findAdoptable(context, parts);
  const one = all.find(({ program }) => [sessionOf(program), String(program.pid)].includes(request.session));
  if (!one) throw await whyNot(context, parts, request.session);
  const { program, driver, found } = one;
  if (!(await context.directoryExists(found.directory)))
    throw new PointsmanError('SESSION_NOT_ADOPTABLE', {
      detail: `The directory it was started in, ${found.directory}, is gone.`,
    });
  const agent = newAgent(context, {
    name: request.name ?? (await freeName(context, found, driver)),
    kind: driver.kind as AgentRecord['kind'],
    mode: driver.mode,
    workspace: { path: found.directory, isolation: 'shared' },
    desired: 'running',
    role: request.role ?? driver.kind,
    model: found.setUp.model ?? null,
    capabilities: request.capabilities ?? [],
    instructions: request.instructions ?? null,
    permissionMode: request.permissionMode ?? null,
    command: found.setUp.command ?? null,
    env: found.setUp.env,
    autostart: false,
  });
  await driver.adoption?.takeIn({ program, found, directory: parts.directoryOf(agent.id) });
  const { terminal } = program;
  return {
    ...agent,
    env: await keepCredentials(context.secrets, { agentId: agent.id, env: agent.env, by: by.name }),
    status: 'no_signal',
    statusReason: 'it was taken in, and has not been heard of yet',
    session: {
      agentId: agent.id,
      sessionName: terminal?.sessionName ?? '',
      paneId: terminal?.paneId ?? '',
      panePid: program.pid,
      panePidStartTicks: program.startTicks,
      adopted: {
        terminal,
        ...(found.endWith ? { endWith: found.endWith } : {}),
        ...(found.endAlone ? { endAlone: true as const } : {}),
      },
    },
  };
}

function sessionOf({ pid, startTicks }: Pick<RunningProgram, 'pid' | 'startTicks'>): string {
  return `${pid}-${startTicks}`;
}

async function whyNot(context: EffectContext, { host }: AdoptionParts, session: string): Promise<PointsmanError> {
  const [pid = ''] = session.split('-');
  const owner = await host.ownerOf(Number(pid));
  if (owner === 'nobody')
    return new PointsmanError('SESSION_NOT_FOUND', { detail: `No process ${pid} runs here (any more).` });
  if (owner === 'somebody_else')
    return new PointsmanError('SESSION_NOT_ADOPTABLE', {
      detail: `Process ${pid} belongs to another user; only sessions of the user that runs this server can be adopted.`,
    });
  const agents = await context.store.agents.list();
  const holder = agents.find((agent) => agent.session?.panePid === Number(pid));
  return new PointsmanError('SESSION_NOT_ADOPTABLE', {
    detail: holder
      ? `Process ${pid} is the agent ${holder.name} already.`
      : `Process ${pid} is not a session of Claude Code or Codex that a person sits at, or cannot be told from another, or not the one that was listed.`,
  });
}

async function freeName(
  context: EffectContext,
  { title, directory, conversation }: FoundSession,
  { kind }: AgentDriver,
): Promise<string> {
  const wanted = title ?? directory.split('/').at(-1) ?? '';
  const first = Name.safeParse(wanted).success ? wanted.trim() : `${kind} ${conversation.slice(0, 8)}`;
  for (let count = 1; ; count += 1) {
    const name = count === 1 ? first : `${first.slice(0, 110)} ${count}`;
    if (!(await context.store.agents.getByName(name))) return name;
  }
}
