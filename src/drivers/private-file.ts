/** Files of an agent's own directory: whole or not at all, for nobody else to read. */
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export async function writePrivate(file: string, content: string): Promise<void> {
  const half = `${file}.new`;
  await writeFile(half, content, { mode: 0o600, flush: true });
  await rename(half, file);
}

/** The conversation that the next start resumes. */
export async function storeConversation(agentDirectory: string, id: string): Promise<void> {
  await writePrivate(conversationFile(agentDirectory), JSON.stringify({ id }));
}

export async function storedConversation(agentDirectory: string): Promise<string | null> {
  const text = await readFile(conversationFile(agentDirectory), 'utf8').catch(() => null);
  // Written by us alone, and whole or not at all.
  return text === null ? null : (JSON.parse(text) as { id: string }).id;
}

/** The next start begins a new one. */
export async function forgetConversation(agentDirectory: string): Promise<void> {
  await rm(conversationFile(agentDirectory), { force: true });
}

function conversationFile(agentDirectory: string): string {
  return join(agentDirectory, 'conversation.json');
}
