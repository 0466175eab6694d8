/** What signs an adopted session in came out of its process and lies nowhere else: it is kept as secrets of its agent. */
import type { Secrets } from '../../ports/secrets.ts';

/** Variables whose value lets whoever reads it act in somebody's name; addresses and directories stay readable. */
const CREDENTIAL = /KEY|TOKEN|SECRET|PASSWORD/;

const PAGE = 200;

/** The environment with a reference in place of each credential. */
export async function keepCredentials(
  secrets: Secrets,
  { agentId, env, by }: { agentId: string; env: Readonly<Record<string, string>>; by: string },
): Promise<Record<string, string>> {
  const kept: Record<string, string> = {};
  for (const [variable, value] of Object.entries(env)) {
    if (!CREDENTIAL.test(variable)) kept[variable] = value;
    else {
      const name = secretOf(agentId, variable);
      await secrets.put({ name, value, by });
      kept[variable] = `secret:${name}`;
    }
  }
  return kept;
}

/** Those that were made for this agent, also where its environment names them no more. */
export async function forgetCredentials(secrets: Secrets, agentId: string): Promise<void> {
  const ending = secretOf(agentId, '');
  let page = await secrets.list({ limit: PAGE });
  for (;;) {
    for (const { name } of page) if (name.endsWith(ending)) await secrets.remove(name);
    const last = page.at(-1);
    if (!last || page.length < PAGE) return;
    page = await secrets.list({ limit: PAGE, after: last.name });
  }
}

/** The end of an id tells agents apart; a name has 64 characters. */
function secretOf(agentId: string, variable: string): string {
  return `${variable.slice(0, 44)}_OF_${agentId.slice(-12)}`;
}
