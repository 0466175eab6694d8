/**
 * Where an adopted conversation was begun: in the configuration directory of the person, while the agent has one of its
 * own. Before a launch the records are copied; the person's own stay as they are.
 */
import { cp, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writePrivate } from '../../private-file.ts';

export async function noteOrigin(agentDirectory: string, configDirectory: string): Promise<void> {
  await mkdir(agentDirectory, { recursive: true, mode: 0o700 });
  await writePrivate(originFile(agentDirectory), JSON.stringify({ version: 1, configDirectory }));
}

/** Null for an agent that was not adopted. */
export async function originOf(agentDirectory: string): Promise<string | null> {
  const text = await readFile(originFile(agentDirectory), 'utf8').catch(() => null);
  return text === null ? null : (JSON.parse(text) as { configDirectory: string }).configDirectory; // written above, whole
}

/** What is in `to` already is newer: the agent went on with it there. */
export async function bringConversation(options: { from: string; to: string; conversation: string }): Promise<void> {
  const projects = join(options.from, 'projects');
  for (const project of await readdir(projects).catch(() => [])) {
    const source = join(projects, project, options.conversation);
    const target = join(options.to, 'projects', project, options.conversation);
    if (!(await exists(`${source}.jsonl`)) || (await exists(`${target}.jsonl`))) continue;
    await mkdir(join(options.to, 'projects', project), { recursive: true, mode: 0o700 });
    // Its subagents and long outputs lie beside it; the record itself is last, whole or not at all.
    if (await exists(source)) await cp(source, target, { recursive: true });
    await rm(`${target}.new`, { force: true });
    await cp(`${source}.jsonl`, `${target}.new`);
    await rename(`${target}.new`, `${target}.jsonl`);
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function originFile(agentDirectory: string): string {
  return join(agentDirectory, 'claude-origin.json');
}
