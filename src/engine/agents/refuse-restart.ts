/** What would keep an adopted session from coming back, or would go on beside it, is found before it is ended. */
import { PointsmanError } from '../../contract/errors.ts';
import type { AgentDriver } from '../../ports/agent-driver.ts';
import type { AgentRecord } from '../../ports/store/agents.ts';
import type { EffectContext } from '../effects/effect-runner.ts';
import { homeOf } from '../worktrees/agent-worktree.ts';
import { workspaceTrust } from './workspace-trust.ts';

export async function refuseUnfitRestart(
  context: EffectContext,
  { agent, driver }: { agent: AgentRecord; driver: AgentDriver },
): Promise<void> {
  if (agent.session?.adopted?.endAlone && agent.status === 'working')
    throw new PointsmanError('AGENT_BUSY', {
      detail: `${agent.name} is in the middle of a turn, which would go on without it. Wait until it is idle, or interrupt it in its terminal.`,
    });
  const directory = homeOf(agent);
  const settings = await driver.workspaceSettings(directory);
  if ((await workspaceTrust(context, { agent, directory, settings })) === 'trusted') return;
  throw new PointsmanError('AGENT_START_FAILED', {
    detail: `${agent.name} goes on where it is: ${directory} brings settings that would run by themselves. An administrator has to allow them in the inbox; then restart it again.`,
  });
}
