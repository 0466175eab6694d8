/**
 * Finds what lies in a working directory that a CLI acts on by itself once it trusts the directory: hooks, servers it
 * starts, permissions it grants, commands and agents. Plain instructions are only read by the model.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkspaceSetting } from '../ports/agent-driver.ts';

const MOST_FILES = 500;
const DEEPEST = 10;

/** The files named, and all below the folders named, relative to the workspace and in a fixed order. */
export function settingsIn(...places: string[]): (workspace: string) => Promise<WorkspaceSetting[]> {
  return async (workspace) => {
    const found: WorkspaceSetting[] = [];
    for (const path of await filesBelow(workspace, places)) {
      const content = await readFile(join(workspace, path), 'utf8').catch(() => null);
      if (content !== null) found.push({ path, content });
    }
    return found;
  };
}

/** Links are followed, as a CLI follows them; a loop ends at the limits. */
async function filesBelow(workspace: string, places: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  const waiting = [...places];
  for (let path = waiting.shift(); path !== undefined && files.length < MOST_FILES; path = waiting.shift()) {
    const kind = await stat(join(workspace, path)).catch(() => null);
    if (kind?.isFile()) files.push(path);
    else if (kind?.isDirectory() && path.split('/').length < DEEPEST)
      waiting.push(...(await readdir(join(workspace, path)).catch(() => [])).map((name) => join(path, name)));
  }
  return files.toSorted();
}
