/** Makes a git repository from the files of an example, whole or not at all; knows nothing of agents and workflows. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Nobody's: `.invalid` never receives mail. */
const IDENTITY = { name: 'Pointsman', email: 'sample@pointsman.invalid' };
const NOT_COPIED = new Set(['.git', 'node_modules']);

/** Does nothing when it is there. What an earlier, interrupted attempt left behind is removed. */
export async function makeSampleRepository({
  files,
  repository,
  at,
}: {
  files: string;
  repository: string;
  at: Date;
}): Promise<void> {
  if (existsSync(repository)) return;
  const folder = path.dirname(repository);
  const unfinished = `.${path.basename(repository)}-`;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const name of await readdir(folder))
    if (name.startsWith(unfinished)) await rm(path.join(folder, name), { recursive: true, force: true });

  const place = path.join(folder, `${unfinished}${randomBytes(4).toString('hex')}`);
  await cp(files, place, { recursive: true, filter: (file) => !NOT_COPIED.has(path.basename(file)) });
  const git = (...args: string[]) => run('git', args, { cwd: place, env: gitEnvironment(at) });
  await git('init', '--quiet', '--template=');
  await git('symbolic-ref', 'HEAD', 'refs/heads/main');
  // Whoever commits here may have signing switched on for everything; the agents have nobody who types a passphrase.
  for (const key of ['commit.gpgSign', 'tag.gpgSign']) await git('config', key, 'false');
  await git('add', '--all', '--force');
  await git('commit', '--quiet', '--message', 'Start from the sample');
  await rename(place, repository);
}

/** No configuration of a person or machine, and no GIT_DIR of whoever started us. */
function gitEnvironment(at: Date): NodeJS.ProcessEnv {
  const date = at.toISOString();
  return {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_AUTHOR_NAME: IDENTITY.name,
    GIT_AUTHOR_EMAIL: IDENTITY.email,
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: IDENTITY.name,
    GIT_COMMITTER_EMAIL: IDENTITY.email,
    GIT_COMMITTER_DATE: date,
  };
}
