/** Which agents' command lines are installed, and whether one is older than Pointsman was measured with. */
import type { DoctorCheck } from './doctor.ts';
import { versionOf } from './program-version.ts';

interface AgentCli {
  name: string;
  /** The oldest version whose behaviour was measured; an older one may ask, print or lack something else. */
  measured: string;
  install: string;
}

/** The tests drive exactly these versions. */
const AGENT_CLIS: Readonly<Record<'claude' | 'codex' | 'gemini' | 'opencode', AgentCli>> = {
  claude: { name: 'Claude Code', measured: '2.1.330', install: 'npm install -g @anthropic-ai/claude-code' },
  codex: { name: 'Codex', measured: '0.169.0', install: 'npm install -g @openai/codex' },
  gemini: { name: 'Gemini CLI', measured: '0.61.0', install: 'npm install -g @google/gemini-cli' },
  opencode: { name: 'opencode', measured: '1.18.33', install: 'npm install -g opencode-ai' },
};

/** A missing one is nothing wrong, unless all of them are. */
export async function checkAgentClis(): Promise<DoctorCheck[]> {
  const found = await Promise.all(
    Object.entries(AGENT_CLIS).map(async ([program, cli]) => ({
      program,
      cli,
      version: await versionOf(program, ['--version']),
    })),
  );
  const none = found.every(({ version }) => version === null);
  return found.map(({ program, cli, version }) => {
    if (version === null)
      return {
        check: program,
        status: none ? 'warning' : 'ok',
        detail: `${cli.name} was not found where agents look (PATH)${none ? '; shell agents work without it' : ''}`,
        next: `Install it to run ${cli.name} agents: ${cli.install}.`,
      };
    if (isOlder(version, cli.measured))
      return {
        check: program,
        status: 'warning',
        detail: `${version} is older than ${cli.measured}, the version that Pointsman was measured with: statuses and answers may be wrong`,
        next: `Update it: ${cli.install}.`,
      };
    return { check: program, status: 'ok', detail: version };
  });
}

/** By the first number of three parts in each; what has none is not judged. */
export function isOlder(version: string, than: string): boolean {
  const [one, other] = [partsOf(version), partsOf(than)];
  if (!one || !other) return false;
  for (const [index, part] of one.entries()) if (part !== other[index]) return part < (other[index] ?? 0);
  return false;
}

function partsOf(text: string): number[] | undefined {
  return /(\d+)\.(\d+)\.(\d+)/.exec(text)?.slice(1).map(Number);
}
