/**
 * Proves that a shell is at a prompt with nothing on its line and has read everything that was typed before: our key, a
 * number nobody else types, and our key again came back through the same queue.
 */
import { randomBytes } from 'node:crypto';
import type { AgentSession } from '../../ports/agent-host.ts';
import type { ShellView } from './shell-journal.ts';
import { PROBE_KEY } from './shell-quoting.ts';
import type { Journal } from './watch-journal.ts';

export const INTERRUPT_KEY = Buffer.from([0x03]);

/** What a terminal shows of the question when a command begins in that moment; no part of what the command printed. */
const SHOWN_KEY = PROBE_KEY.replace('\u001b', '^[').replaceAll(/[[^]/g, String.raw`\$&`);
const ECHO = new RegExp(`${SHOWN_KEY}[0-9a-f]{10}${SHOWN_KEY}`, 'g');

const PROBE_WITHIN_MS = 3000; // answered in about 3 ms; a busy machine needs its time
const BREAK_WITHIN_MS = 1000; // ^C is answered in a few ms, or was swallowed

interface LiveShell {
  session: AgentSession;
  journal: Journal;
  hasEnded: () => boolean;
}

/** Gives up what somebody left on the line; false when the shell does not answer, or runs a command. */
export async function emptyLine(shell: LiveShell): Promise<boolean> {
  const { view } = shell.journal;
  if (view.phase === 'unfinished_line' && !(await breakLine(shell))) return false;
  if (await probe(shell)) return true;
  // A half-typed search or a quoted insert swallowed the key. Never while a command runs: it would be interrupted.
  return view.phase !== 'running' && (await breakLine(shell)) && probe(shell);
}

async function probe(shell: LiveShell): Promise<boolean> {
  const { view } = shell.journal;
  const token = await typeToken(shell, (seen) => seen.phase !== 'prompt', PROBE_WITHIN_MS);
  return view.line === token && view.phase === 'prompt' && !shell.hasEnded();
}

/** Gives up the line, and the lines before it that wait for their end. */
async function breakLine(shell: LiveShell): Promise<boolean> {
  const { session, journal, hasEnded } = shell;
  const { view } = journal;
  // The second prompt is told of before the editor has the terminal: a ^C in between would be lost.
  await typeToken(shell, (seen) => seen.phase === 'running', BREAK_WITHIN_MS);
  for (let attempt = 0; attempt < 3 && view.phase !== 'running' && !hasEnded(); attempt += 1) {
    const { prompts } = view;
    await session.keys(INTERRUPT_KEY);
    const back = await journal.until(
      (seen) => seen.prompts > prompts || seen.phase === 'running' || hasEnded(),
      BREAK_WITHIN_MS,
    );
    if (back && view.phase === 'prompt') return !hasEnded();
  }
  return false;
}

/** Waits until the shell has told the token back, or will not. */
async function typeToken(
  { session, journal, hasEnded }: LiveShell,
  willNot: (seen: ShellView) => boolean,
  withinMs: number,
): Promise<string> {
  const token = randomBytes(5).toString('hex');
  await session.keys(Buffer.from(`${PROBE_KEY}${token}${PROBE_KEY}`));
  await journal.until((seen) => seen.line === token || willNot(seen) || hasEnded(), withinMs);
  return token;
}

export function withoutQuestion(printed: string): string {
  return printed.replaceAll(ECHO, '');
}
