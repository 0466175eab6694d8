/** Fills in `secret:NAME` in an agent's environment, at the moment of its launch. */
import type { Secrets } from '../../ports/secrets.ts';

const REFERENCE = 'secret:';

/** The name a value refers to; null when it is a plain value. */
export function secretNamed(value: string): string | null {
  return value.startsWith(REFERENCE) ? value.slice(REFERENCE.length) : null;
}

export type Revealed =
  | { outcome: 'revealed'; env: Record<string, string> }
  /** For people: which one is missing, and what to do. */
  | { outcome: 'missing'; reason: string };

export async function revealEnvironment(secrets: Secrets, env: Readonly<Record<string, string>>): Promise<Revealed> {
  const revealed: Record<string, string> = {};
  for (const [variable, value] of Object.entries(env)) {
    const name = secretNamed(value);
    const found = name === null ? value : await secrets.reveal(name);
    if (found === null)
      return {
        outcome: 'missing',
        reason: `${variable} is the secret ${name}, which is not stored: \`pointsman secrets set ${name}\``,
      };
    revealed[variable] = found;
  }
  return { outcome: 'revealed', env: revealed };
}
