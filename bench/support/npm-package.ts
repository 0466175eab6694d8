/** Packages that only benchmarks use: no dependencies of Pointsman, installed once into this user's cache. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const INSTALL_WITHIN_MS = 360_000; // n8n is three gigabytes

export type InstallOutcome = { outcome: 'ready'; directory: string } | { outcome: 'missing'; reason: string };

export interface NpmPackage {
  name: string;
  version: string;
  /** `name@version` of what has to be installed with it. */
  beside?: readonly string[];
  /** Whether what lies in a directory can be used. */
  works: (directory: string) => boolean;
  /** Compiles where there is no binary, for which it may need a compiler and Python. */
  runsScripts?: boolean;
}

/** Where it cannot be had it says why, for a note beside the numbers. */
export async function installNpmPackage({
  name,
  version,
  beside = [],
  works,
  runsScripts = false,
}: NpmPackage): Promise<InstallOutcome> {
  const cache = process.env['XDG_CACHE_HOME'] || path.join(os.homedir(), '.cache');
  const place = `${name.replace(/^@/, '').replaceAll('/', '-')}-${version}-abi${process.versions.modules}`;
  const directory = path.join(cache, 'pointsman-bench', place);
  // npm writes its own lock file last, so one that was ended in the middle does not look like one that is done.
  const ready = () =>
    [name, '.package-lock.json'].every((file) => existsSync(path.join(directory, 'node_modules', file))) &&
    works(directory);
  if (ready()) return { outcome: 'ready', directory };
  mkdirSync(directory, { recursive: true });
  const args = [
    'install',
    '--prefix',
    directory,
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    `--ignore-scripts=${!runsScripts}`,
    `${name}@${version}`,
    ...beside,
  ];
  const problem = await new Promise<string | null>((resolve) => {
    execFile(
      'npm',
      args,
      { cwd: directory, timeout: INSTALL_WITHIN_MS, maxBuffer: 2 ** 24 },
      (error, _stdout, stderr) => {
        resolve(
          error?.killed
            ? `not within ${INSTALL_WITHIN_MS / 60_000} minutes`
            : error
              ? lastLines(stderr || error.message)
              : null,
        );
      },
    );
  });
  if (ready()) return { outcome: 'ready', directory };
  return { outcome: 'missing', reason: problem ?? 'it was installed but does not load' };
}

function lastLines(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() && !line.includes('complete log of this run'));
  return lines.slice(-3).join(' / ');
}
