/** Which agents' command lines are installed, and whether one is older than Pointsman was measured with. */
import { isOlder } from '../engine/agents/cli-version.ts';
import { agentDrivers } from './agent-drivers.ts';
import type { DoctorCheck } from './doctor.ts';
import { versionOf } from './program-version.ts';

/** A missing one is nothing wrong, unless all of them are. */
export async function checkAgentClis(): Promise<DoctorCheck[]> {
  const clis = new Set(agentDrivers().flatMap(({ cli }) => cli ?? []));
  const found = await Promise.all(
    [...clis].map(async (cli) => ({ cli, version: await versionOf(cli.program, ['--version']) })),
  );
  const none = found.every(({ version }) => version === null);
  return found.map(({ cli, version }) => {
    const check = cli.program;
    if (version === null)
      return {
        check,
        status: none ? 'warning' : 'ok',
        detail: `${cli.name} was not found where agents look (PATH)${none ? '; shell agents work without it' : ''}`,
        next: `Install it to run ${cli.name} agents: ${cli.install}.`,
      };
    if (isOlder(version, cli.measured))
      return {
        check,
        status: 'warning',
        detail: `${version} is older than ${cli.measured}, the version that Pointsman was measured with: statuses and answers may be wrong`,
        next: `Update it: ${cli.install}.`,
      };
    return { check, status: 'ok', detail: version };
  });
}
