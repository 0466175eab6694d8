/** Whether the version of an agent's command line is one that Pointsman was measured with, in words for people. */
import type { AgentCli } from '../../ports/agent-driver.ts';

/** `told`: what the program says of its version; null where it says nothing. Null: nothing to warn of. */
export function versionWarning({ name, measured, install }: AgentCli, told: string | null): string | null {
  const version = /\d+\.\d+\.\d+/.exec(told ?? '')?.[0];
  if (version === undefined)
    return `The version of ${name} is unknown: its program does not tell it. Pointsman was measured with ${measured}; with an older one statuses and answers may be wrong.`;
  if (isOlder(version, measured))
    return `${name} ${version} is older than ${measured}, the version that Pointsman was measured with: statuses and answers may be wrong. Update it (${install}) and restart the agent.`;
  return null;
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
