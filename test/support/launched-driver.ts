/** A driver's program in a session as the product opens it; both end with the test. */
import { onTestFinished } from 'vitest';
import type { temporaryPlace } from '../../src/adapters/tmux/testing/temporary-host.ts';
import type { DriverWorld } from '../../src/ports/agent-driver.conformance.ts';
import type { AgentDriver, LaunchContext } from '../../src/ports/agent-driver.ts';
import type { AgentSession } from '../../src/ports/agent-host.ts';
import type { ModelEndpoint } from './model-endpoint.ts';

export type Place = Awaited<ReturnType<typeof temporaryPlace>>;

export async function launchDriver({
  place,
  driver,
  context,
}: {
  place: Place;
  driver: AgentDriver;
  context: LaunchContext;
}): Promise<Pick<DriverWorld, 'session' | 'connect'>> {
  const plan = await driver.launch(context);
  if (plan.outcome !== 'ready') throw new Error(plan.reason);
  const opened = await place.host().open({ agentId: context.agentId, ...plan, cols: 100, rows: 30 });
  if (opened.outcome === 'failed') throw new Error(opened.reason);
  const { session } = opened;
  onTestFinished(() => session.kill({ graceMs: 0 }).catch(() => undefined));
  return {
    session,
    connect: async (observe) => {
      const connection = await driver.connect({ session, context, observe });
      onTestFinished(() => connection.close());
      return connection;
    },
  };
}

/** For a CLI whose model is the scripted endpoint. */
export function modelPrompts(model: ModelEndpoint, { panePid }: AgentSession['ref']): DriverWorld['prompts'] {
  return {
    quick: 'STUB:text all done',
    answer: 'all done',
    endless: 'STUB:hang',
    held: 'STUB:hold held all done',
    release: async () => model.release('held'),
    deadly: 'STUB:hold deadly never',
    die: () => process.kill(panePid, 'SIGKILL'),
  };
}
