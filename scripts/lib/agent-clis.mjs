/** The agents' command lines that tests drive: pinned versions from npm, in a cache of the user's that is used again. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { node24, runQuietly, say } from './project.mjs';

/** What each was measured with; a new version is a deliberate step with new recordings. */
export const AGENT_CLIS = {
  claude: { package: '@anthropic-ai/claude-code', version: '2.1.330', program: 'claude' },
  codex: { package: '@openai/codex', version: '0.169.0', program: 'codex' },
  gemini: { package: '@google/gemini-cli', version: '0.61.0', program: 'gemini' },
  opencode: { package: 'opencode-ai', version: '1.18.33', program: 'opencode' },
};

export function agentCliDirectory(name) {
  const cache = process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), '.cache');
  return path.join(cache, 'pointsman', 'agent-clis', `${name}@${AGENT_CLIS[name].version}`);
}

/** Where the program is, whether it is installed or not. */
export function agentCliProgram(name) {
  return path.join(agentCliDirectory(name), 'node_modules', '.bin', AGENT_CLIS[name].program);
}

/** Installs what is missing. A machine that cannot have one goes on: its tests are skipped, with this reason printed. */
export async function ensureAgentClis() {
  for (const name of Object.keys(AGENT_CLIS)) {
    if (existsSync(agentCliProgram(name))) continue;
    const failure = await install(name);
    const reason = path.join(path.dirname(agentCliDirectory(name)), `${name}.failed`);
    if (failure === null) rmSync(reason, { force: true });
    else {
      mkdirSync(path.dirname(reason), { recursive: true });
      writeFileSync(reason, failure);
      say(`${AGENT_CLIS[name].package} cannot be installed here; its tests are skipped:\n${failure}`);
    }
  }
}

/** Why a program is not there. */
export function agentCliFailure(name) {
  try {
    return readFileSync(path.join(path.dirname(agentCliDirectory(name)), `${name}.failed`), 'utf8');
  } catch {
    return 'it was not installed; `npm test` does that';
  }
}

async function install(name) {
  const { package: packageName, version } = AGENT_CLIS[name];
  const directory = agentCliDirectory(name);
  const half = `${directory}.${process.pid}`;
  say(`Installing ${packageName} ${version} for the tests (once) …`);
  mkdirSync(half, { recursive: true });
  writeFileSync(path.join(half, 'package.json'), '{ "private": true }\n');
  // Under an older Node npm would silently choose an older version.
  const env = { ...process.env, PATH: `${path.dirname(node24())}${path.delimiter}${process.env.PATH}` };
  const options = ['--no-audit', '--no-fund', '--loglevel=error', '--include=optional'];
  const { status, output } = await runQuietly('npm', ['install', ...options, `${packageName}@${version}`], {
    what: `installing ${packageName}`,
    cwd: half,
    env,
  });
  if (status !== 0) {
    rmSync(half, { recursive: true, force: true });
    return output.trim() || `npm ended with status ${status}`;
  }
  rmSync(directory, { recursive: true, force: true });
  renameSync(half, directory);
  return null;
}
