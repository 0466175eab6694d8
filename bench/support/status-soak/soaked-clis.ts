/** The agents that are soaked, one entry for each CLI in each mode: how it is made, and what can be played with it. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { CreateAgent } from '../../../src/contract/agents.ts';
import { agentCli, agentCliMissing } from '../../../test/support/agent-cli.ts';
import type { Scene } from './scene.ts';
import { commandScenes } from './scenes/command-scenes.ts';
import { dialogScenes } from './scenes/dialog-scenes.ts';
import { lifeScenes } from './scenes/life-scenes.ts';
import { claudeScenes } from './scenes/claude-scenes.ts';
import { modelScenes } from './scenes/model-scenes.ts';
import { turnScenes } from './scenes/turn-scenes.ts';
import { startCommandStub, startModelStub, type Stub } from './stub.ts';

export interface SoakedCli {
  name: string;
  kind: CreateAgent['kind'];
  mode: 'headless' | 'tmux';
  /** Null when it can be run here; else why not. */
  missing(): string | null;
  stub(): Promise<Stub>;
  /** How the agent is made, so that it finds the stub. */
  agent(stubUrl: string): Partial<CreateAgent>;
  /** The line of a script by which the model uses its tool for commands; it needs a permission. */
  commandTool(command: string): string;
  scenes: readonly Scene[];
}

const claude: Pick<SoakedCli, 'kind' | 'missing' | 'stub' | 'agent' | 'commandTool'> = {
  kind: 'claude',
  missing: () => agentCliMissing('claude'),
  stub: startModelStub,
  agent: (url) => ({
    command: [agentCli('claude')],
    env: {
      ANTHROPIC_BASE_URL: url,
      ANTHROPIC_API_KEY: 'sk-ant-stub-0123456789abcdefghij',
      CLAUDE_CODE_MAX_RETRIES: '1',
    },
  }),
  commandTool: (command) => `STUB:tool Bash ${JSON.stringify({ command })}`,
};

export const SOAKED_CLIS: readonly SoakedCli[] = [
  {
    ...claude,
    name: 'claude-headless',
    mode: 'headless',
    scenes: [...turnScenes, ...modelScenes, ...claudeScenes, ...lifeScenes],
  },
  {
    ...claude,
    name: 'claude-tmux',
    mode: 'tmux',
    scenes: [...turnScenes, ...modelScenes, ...claudeScenes, ...dialogScenes, ...lifeScenes],
  },
  {
    name: 'codex-headless',
    kind: 'codex',
    mode: 'headless',
    missing: () => agentCliMissing('codex'),
    stub: startModelStub,
    agent: (url) => ({
      command: [agentCli('codex')],
      env: { OPENAI_BASE_URL: `${url}/v1`, OPENAI_API_KEY: 'sk-stub' },
    }),
    commandTool: (command) => `STUB:tool exec_command ${JSON.stringify({ cmd: command })}`,
    scenes: [...turnScenes, ...modelScenes, ...lifeScenes],
  },
  {
    name: 'gemini-headless',
    kind: 'gemini',
    mode: 'headless',
    missing: () => agentCliMissing('gemini'),
    stub: startModelStub,
    agent: (url) => ({
      command: [agentCli('gemini')],
      // Without a model of its own it asks which one fits each prompt.
      model: 'gemini-2.5-flash',
      env: { GOOGLE_GEMINI_BASE_URL: url, GEMINI_API_KEY: 'stub', GEMINI_CLI_HOME: impatientGemini() },
    }),
    commandTool: (command) => `STUB:tool run_shell_command ${JSON.stringify({ command })}`,
    scenes: [...turnScenes, ...modelScenes, ...lifeScenes],
  },
  {
    name: 'opencode-headless',
    kind: 'opencode',
    mode: 'headless',
    missing: () => agentCliMissing('opencode'),
    stub: startModelStub,
    agent: (url) => ({
      command: [agentCli('opencode')],
      model: 'stub/scripted',
      env: { OPENCODE_DISABLE_MODELS_FETCH: '1', OPENCODE_CONFIG_CONTENT: JSON.stringify(scriptedProvider(url)) },
    }),
    commandTool: (command) => `STUB:tool bash ${JSON.stringify({ command, description: 'runs it' })}`,
    scenes: [...turnScenes, ...modelScenes, ...lifeScenes],
  },
  {
    name: 'shell-tmux',
    kind: 'shell',
    mode: 'tmux',
    missing: () => null,
    stub: startCommandStub,
    agent: () => ({ command: ['bash', '--norc', '-i'] }),
    commandTool: (command) => command,
    scenes: [...turnScenes, ...commandScenes, ...lifeScenes],
  },
];

function scriptedProvider(url: string): object {
  const options = { baseURL: `${url}/v1`, apiKey: 'stub' };
  return { provider: { stub: { npm: '@ai-sdk/openai-compatible', options, models: { scripted: {} } } } };
}

/** It would try ten times, five seconds and more apart. */
function impatientGemini(): string {
  const home = mkdtempSync(path.join(os.tmpdir(), 'pointsman-gemini-'));
  mkdirSync(path.join(home, '.gemini'));
  writeFileSync(path.join(home, '.gemini', 'settings.json'), JSON.stringify({ general: { maxAttempts: 2 } }));
  return home;
}
