/** The worktree and branch of an agent with isolation `worktree`: made at its first start, removed with it. */
import type { AgentRecord, TaskWorkspace } from '../../ports/store/agents.ts';
import { publishAgent } from '../agents/agent-view.ts';
import type { EngineContext } from '../engine-context.ts';

/** Makes sure that it is there; its place is then in the record. An agent in a shared directory is left as it is. */
export async function settleIn(context: EngineContext, agent: AgentRecord): Promise<AgentRecord> {
  const { path, isolation } = agent.workspace;
  if (isolation !== 'worktree') return agent;
  const made = await context.workspaces.worktree({ repository: path, name: nameOf(agent) });
  if (agent.workspace.worktree === made.path && agent.workspace.branch === made.branch) return agent;
  const workspace = { path, isolation, branch: made.branch, worktree: made.path };
  await context.store.transaction(async (transaction) => {
    const after = await transaction.agents.update(agent.id, { workspace });
    if (after) publishAgent(transaction, after);
  });
  return { ...agent, workspace };
}

/** The directory its session lives in. */
export function homeOf(agent: AgentRecord): string {
  return agent.workspace.worktree ?? agent.workspace.path;
}

/** What a task is told that works where its agent lives; null in a shared directory. */
export function workspaceAtHome(agent: AgentRecord): TaskWorkspace | null {
  if (agent.workspace.isolation !== 'worktree') return null;
  return { version: 1, directory: null, worktree: { of: 'agent', source: agent.workspace.path, name: nameOf(agent) } };
}

/** Takes it away, and its branch when another branch has all of it; `kept`: it holds uncommitted work and is as it was. */
export async function moveOut(context: EngineContext, agent: AgentRecord): Promise<'gone' | 'kept'> {
  const { workspaces } = context;
  // Where it should be, also when an earlier removal was interrupted.
  const place = (await workspaces.existing(nameOf(agent)))?.path ?? agent.workspace.worktree;
  if (place && (await workspaces.remove(place)) === 'kept') return 'kept';
  if (agent.workspace.branch)
    await workspaces
      .dropMergedBranch({ repository: agent.workspace.path, name: nameOf(agent) })
      // The repository was moved or deleted: then there is no branch of ours in it.
      .catch((error: unknown) => context.log.warn({ error, agentId: agent.id }, 'the branch of an agent was left'));
  return 'gone';
}

function nameOf(agent: AgentRecord): string {
  return `agents/${agent.id}`;
}
