/** What the agents of this host use of its processor and memory, stored and announced. */
import type { AgentHost } from '../../ports/agent-host.ts';
import type { EffectContext } from '../effects/effect-runner.ts';

const SAMPLE_EVERY_MS = 5_000;

/** Until it is stopped; one measurement that fails is logged, and the next one made. */
export async function measureAgents(context: EffectContext, host: AgentHost, stop: AbortSignal): Promise<void> {
  while ((await context.clock.sleep(SAMPLE_EVERY_MS, stop)) === 'elapsed') {
    try {
      const samples = [...(await host.sample())].map(([agentId, { cpu, memory }]) => ({
        agentId,
        cpu: Math.round(cpu * 10) / 10,
        memory,
      }));
      if (samples.length === 0) continue;
      await context.store.transaction(async (transaction) => {
        await transaction.agents.measured(context.clock.now().toISOString(), samples);
        transaction.publish({
          topic: 'agents',
          event: 'agents.measured',
          data: samples.map(({ agentId: id, cpu, memory }) => ({ id, cpu, memory })),
        });
      });
    } catch (error) {
      context.log.warn({ error }, 'the agents could not be measured');
    }
  }
}
