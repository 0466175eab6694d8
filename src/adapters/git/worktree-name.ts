/** Turns the name of a worktree into one that is safe as a path and as a branch, and different for different names. */
import { createHash } from 'node:crypto';

const MAX_PART = 80;

/** Parts between slashes stay parts; a name that had to be changed carries a hash of what it was. */
export function worktreeName(name: string): string {
  const parts = name
    .split('/')
    .map(safePart)
    .filter((part) => part !== '');
  const safe = parts.join('/');
  if (safe === name) return safe;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return safe === '' ? hash : `${safe}-${hash}`;
}

/** What git allows in a ref, less what a shell or a file system could read otherwise. */
function safePart(part: string): string {
  return part
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replaceAll(/\.{2,}/g, '.')
    .slice(0, MAX_PART)
    .replace(/^[.-]+/, '')
    .replace(/(\.lock|[.-])+$/, '');
}
