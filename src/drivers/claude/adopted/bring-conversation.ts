/** Copies an adopted conversation into the agent's own configuration directory; the person's own record stays as it is. */
import { cp, mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { transcriptsIn } from './adopted-transcripts.ts';

/** What is in `to` already is newer: the agent went on with it there. */
export async function bringConversation(options: { from: string; to: string; conversation: string }): Promise<void> {
  for (const record of transcriptsIn(options.from, options.conversation)) {
    const source = join(dirname(record), options.conversation);
    const project = join(options.to, 'projects', basename(dirname(record)));
    const target = join(project, options.conversation);
    if (await exists(`${target}.jsonl`)) continue;
    await mkdir(project, { recursive: true, mode: 0o700 });
    // Its subagents and long outputs lie beside it; the record itself is last, whole or not at all.
    if (await exists(source)) await cp(source, target, { recursive: true });
    await rm(`${target}.new`, { force: true });
    await cp(record, `${target}.new`);
    await rename(`${target}.new`, `${target}.jsonl`);
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
