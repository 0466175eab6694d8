/** What was said in an adopted session before its first restart lies where the person's Claude Code keeps it. */
import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { originOf } from '../../conversation-origin.ts';
import { storedConversation } from '../../private-file.ts';

/** None once the agent's own directory (`own`: its records) holds the conversation, which then goes on there. */
export async function adoptedTranscripts(agentDirectory: string, own: readonly string[]): Promise<string[]> {
  const origin = await originOf(agentDirectory);
  const conversation = await storedConversation(agentDirectory);
  if (origin === null || conversation === null) return [];
  return own.some((file) => basename(file) === `${conversation}.jsonl`) ? [] : transcriptsIn(origin, conversation);
}

/** The newest first: one conversation has a record for each directory it was held in, and none before its first prompt. */
export function transcriptsIn(configDirectory: string, conversation: string): string[] {
  const projects = join(configDirectory, 'projects');
  try {
    const files = readdirSync(projects).flatMap((project) => {
      const file = join(projects, project, `${conversation}.jsonl`);
      const found = statSync(file, { throwIfNoEntry: false });
      return found ? [{ file, changed: found.mtimeMs }] : [];
    });
    return files.toSorted((a, b) => b.changed - a.changed).map(({ file }) => file);
  } catch {
    return []; // nothing was ever said
  }
}
