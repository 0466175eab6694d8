/**
 * What lies in a working directory that Claude Code acts on by itself once the directory is trusted: hooks, servers it
 * starts, permissions it grants, commands and agents. Plain instructions (CLAUDE.md) are only read by the model.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkspaceSetting } from '../../ports/agent-driver.ts';

const FILES = ['.mcp.json'];
const FOLDER = '.claude';
const MOST_FILES = 500;

export async function claudeWorkspaceSettings(workspace: string): Promise<WorkspaceSetting[]> {
  const names = [...FILES, ...(await filesBelow(workspace, FOLDER))];
  const found: WorkspaceSetting[] = [];
  for (const path of names) {
    const content = await readFile(join(workspace, path), 'utf8').catch(() => null);
    if (content !== null) found.push({ path, content });
  }
  return found;
}

/** Relative to the workspace, in a fixed order. Links are followed, as Claude Code follows them; a loop ends at the limit. */
async function filesBelow(workspace: string, folder: string): Promise<string[]> {
  const files: string[] = [];
  const waiting = [folder];
  for (let next = waiting.shift(); next !== undefined && files.length < MOST_FILES; next = waiting.shift()) {
    for (const name of (await readdir(join(workspace, next)).catch((): string[] => [])).toSorted()) {
      const path = join(next, name);
      const kind = await stat(join(workspace, path)).catch(() => null);
      if (kind?.isDirectory() && path.split('/').length < 10) waiting.push(path);
      else if (kind?.isFile()) files.push(path);
    }
  }
  return files.toSorted();
}
