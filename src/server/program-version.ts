/** What a program says of its version. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ANSWERS_WITHIN_MS = 10_000; // Gemini CLI and opencode need a second or two, more on a busy machine

/** The first line; null where the program is not found, or fails. */
export async function versionOf(program: string, args: readonly string[]): Promise<string | null> {
  try {
    return (await run(program, args, { timeout: ANSWERS_WITHIN_MS })).stdout.trim().split('\n')[0] ?? null;
  } catch {
    return null;
  }
}
