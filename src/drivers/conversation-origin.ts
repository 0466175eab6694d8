/** Where an adopted conversation was begun: in the CLI's own directory of a person, while the agent has one of its own. */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writePrivate } from './private-file.ts';

export async function noteOrigin(agentDirectory: string, cliDirectory: string): Promise<void> {
  await mkdir(agentDirectory, { recursive: true, mode: 0o700 });
  await writePrivate(originFile(agentDirectory), JSON.stringify({ version: 1, directory: cliDirectory }));
}

/** Null for an agent that was not adopted. */
export async function originOf(agentDirectory: string): Promise<string | null> {
  const text = await readFile(originFile(agentDirectory), 'utf8').catch(() => null);
  return text === null ? null : (JSON.parse(text) as { directory: string }).directory; // written above, whole
}

function originFile(agentDirectory: string): string {
  return join(agentDirectory, 'origin.json');
}
