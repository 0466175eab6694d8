/** The real Claude Code in a real terminal, against a model on loopback that does what the prompt says. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, onTestFinished } from 'vitest';
import { agentCli, agentCliMissing } from '../../../../test/support/agent-cli.ts';
import { type ModelEndpoint, startModelEndpoint } from '../../../../test/support/model-endpoint.ts';
import { temporaryPlace } from '../../../adapters/tmux/testing/temporary-host.ts';
import { agentDriverConformance, type DriverWorld } from '../../../ports/agent-driver.conformance.ts';
import type { LaunchContext } from '../../../ports/agent-driver.ts';
import type { AgentSession } from '../../../ports/agent-host.ts';
import { createClaudeInteractiveDriver } from './claude-interactive-driver.ts';

const missing = agentCliMissing('claude');

describe.skipIf(missing !== null)(`Claude Code in a terminal${missing ? ` (skipped: ${missing})` : ''}`, () => {
  agentDriverConformance('the interactive Claude driver', async () => world());
});

interface ClaudeWorld extends DriverWorld {
  model: ModelEndpoint;
  context: LaunchContext;
  /** Lets the program end, or ends it, and starts it again, as a supervisor does. */
  relaunch(): Promise<ClaudeWorld>;
}

async function world(options: { context?: Partial<LaunchContext>; directoryName?: string } = {}): Promise<ClaudeWorld> {
  const place = await temporaryPlace();
  const model = await startModelEndpoint();
  onTestFinished(() => model.close());
  const directory = join(place.directory, options.directoryName ?? 'agent');
  const workspace = join(place.directory, 'work space');
  const home = join(place.directory, 'home');
  for (const path of [directory, workspace, home]) await mkdir(path, { mode: 0o700 });
  await mkdir(join(workspace, '.claude'));
  await writeFile(
    join(workspace, '.claude/settings.json'),
    JSON.stringify({ permissions: { allow: ['Bash(kill -9 $PPID)', 'Bash(kill:*)'] } }),
  );
  const context: LaunchContext = {
    agentId: randomUUID(),
    name: 'claude one',
    directory,
    workspace,
    permissionMode: 'manual',
    command: [agentCli('claude')],
    env: {
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
      HOME: home,
      ANTHROPIC_BASE_URL: model.url,
      ANTHROPIC_API_KEY: 'sk-ant-stub-0123456789abcdefghij',
      CLAUDE_CODE_MAX_RETRIES: '1',
    },
    ...options.context,
  };
  return launched({ place, model, context });
}

async function launched(parts: {
  place: Awaited<ReturnType<typeof temporaryPlace>>;
  model: ModelEndpoint;
  context: LaunchContext;
}): Promise<ClaudeWorld> {
  const { place, model, context } = parts;
  const driver = createClaudeInteractiveDriver();
  const host = place.host();
  const plan = await driver.launch(context);
  if (plan.outcome !== 'ready') throw new Error(plan.reason);
  const opened = await host.open({ agentId: context.agentId, ...plan, cols: 100, rows: 30 });
  if (opened.outcome === 'failed') throw new Error(opened.reason);
  const session: AgentSession = opened.session;
  onTestFinished(() => session.kill({ graceMs: 0 }).catch(() => undefined));
  const mark = join(context.workspace, 'made by claude');
  return {
    session,
    model,
    context,
    connect: async (observe) => {
      const connection = await driver.connect({ session, context, observe });
      onTestFinished(() => connection.close());
      return connection;
    },
    prompts: {
      quick: 'STUB:text all done',
      answer: 'all done',
      endless: 'STUB:hang',
      held: 'STUB:hold held all done',
      release: async () => model.release('held'),
      deadly: `STUB:tool Bash ${JSON.stringify({ command: 'kill -9 $PPID' })}`,
    },
    decisions: {
      asking: `STUB:tool Bash ${JSON.stringify({ command: `touch '${mark}'` })}\nSTUB:text all done`,
      tool: 'Bash',
      answer: 'all done',
      done: async () => existsSync(mark),
    },
    async relaunch() {
      await session.kill({ graceMs: 2_000 });
      return launched(parts);
    },
  };
}
