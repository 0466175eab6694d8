/** The files in which Codex records conversations: which there are, and what the first line of each says (0.169.0). */
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';

export interface Rollout {
  file: string;
  conversation: string;
  directory: string;
  begunAt: string;
  /** `codex-tui` at a terminal. */
  originator: string;
}

const FIRST_LINE_BYTES = 512 * 1024; // it holds Codex's whole instructions
const NAME = /^rollout-.*-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.jsonl$/;

/** Newest first, of conversations begun since then; only the folders of those days are looked into. */
export function rolloutsSince(codexHome: string, since: string): Rollout[] {
  const sessions = join(codexHome, 'sessions');
  // Named by local time, which is a day apart at most.
  const first = new Date(Date.parse(since) - 86_400_000).toISOString().slice(0, 10);
  const days = namesIn(sessions).flatMap((year) =>
    namesIn(join(sessions, year)).flatMap((month) =>
      namesIn(join(sessions, year, month)).map((day) => [year, month, day] as const),
    ),
  );
  return days
    .filter((day) => day.join('-') >= first)
    .flatMap((day) =>
      namesIn(join(sessions, ...day)).flatMap((name) => readRollout(join(sessions, ...day, name), name) ?? []),
    )
    .filter(({ begunAt }) => begunAt >= since)
    .toSorted((a, b) => (a.begunAt < b.begunAt ? 1 : -1));
}

/** Path below `sessions` of a conversation's record. */
export function rolloutPath(codexHome: string, conversation: string): string | null {
  const found = namesIn(join(codexHome, 'sessions'), { recursive: true });
  return found.find((path) => NAME.exec(path.split('/').at(-1) ?? '')?.[1] === conversation) ?? null;
}

function readRollout(file: string, name: string): Rollout | null {
  const conversation = NAME.exec(name)?.[1];
  if (conversation === undefined) return null;
  try {
    const { payload } = JSON.parse(firstLine(file)) as { payload?: Record<string, unknown> };
    const { cwd, timestamp, originator } = payload ?? {};
    if (typeof cwd !== 'string' || typeof timestamp !== 'string') return null;
    return { file, conversation, directory: cwd, begunAt: timestamp, originator: String(originator) };
  } catch {
    return null; // not written yet, or of another form
  }
}

function firstLine(file: string): string {
  const fd = openSync(file, 'r');
  try {
    const chunk = Buffer.alloc(FIRST_LINE_BYTES);
    const text = chunk.toString('utf8', 0, readSync(fd, chunk, 0, chunk.length, 0));
    return text.slice(0, text.indexOf('\n'));
  } finally {
    closeSync(fd);
  }
}

function namesIn(directory: string, options: { recursive?: boolean } = {}): string[] {
  try {
    return readdirSync(directory, { ...options, encoding: 'utf8' });
  } catch {
    return [];
  }
}
