/** Copies an adopted conversation into the agent's own configuration directory; the person's own record stays as it is. */
import { cp, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

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
