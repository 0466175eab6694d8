/** What a program says of its version. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ANSWERS_WITHIN_MS = 10_000; // Gemini CLI and opencode need a second or two, more on a busy machine

const ANSWERS_AT_LEISURE_MS = 60_000; // nobody waits, and the agent that starts beside it takes the machine

interface Surroundings {
  env?: Readonly<Record<string, string>>;
  cwd?: string;
}

/** The first line; null where the program is not found, or fails. */
export async function versionOf(
  program: string,
  args: readonly string[],
  { withinMs = ANSWERS_WITHIN_MS, ...surroundings }: Surroundings & { withinMs?: number } = {},
): Promise<string | null> {
  try {
    const running = run(program, args, { timeout: withinMs, killSignal: 'SIGKILL', ...surroundings });
    // One that does not know the question may wait for what is typed.
    running.child.stdin?.end();
    return (await running).stdout.trim().split('\n')[0] ?? null;
  } catch {
    return null;
  }
}

/** Of a command line; agents that start together are asked about once. */
export function createVersionReader(): (
  command: readonly [string, ...string[]],
  surroundings: Surroundings,
) => Promise<string | null> {
  const asking = new Map<string, Promise<string | null>>();
  return async ([program, ...args], surroundings) => {
    const key = JSON.stringify([program, args, surroundings.env]);
    const known = asking.get(key);
    if (known) return known;
    const answer = versionOf(program, [...args, '--version'], {
      ...surroundings,
      withinMs: ANSWERS_AT_LEISURE_MS,
    });
    asking.set(key, answer);
    return answer.finally(() => asking.delete(key));
  };
}
