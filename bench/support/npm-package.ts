/** Packages that only benchmarks use: no dependencies of Pointsman, installed once into this user's cache. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const INSTALL_WITHIN_MS = 240_000;

export type InstallOutcome = { outcome: 'ready'; directory: string } | { outcome: 'missing'; reason: string };

export interface NpmPackage {
  name: string;
  version: string;
  /** Whether what lies in a directory can be used. */
  works: (directory: string) => boolean;
  /** Compiles where there is no binary, for which it may need a compiler and Python. */
  runsScripts?: boolean;
}

/** Where it cannot be had it says why, for a note beside the numbers. */
export async function installNpmPackage({
  name,
  version,
  works,
  runsScripts = false,
}: NpmPackage): Promise<InstallOutcome> {
  const cache = process.env['XDG_CACHE_HOME'] || path.join(os.homedir(), '.cache');
  const place = `${name.replace(/^@/, '').replaceAll('/', '-')}-${version}-abi${process.versions.modules}`;
  const directory = path.join(cache, 'pointsman-bench', place);
  if (existsSync(path.join(directory, 'node_modules', name)) && works(directory))
    return { outcome: 'ready', directory };
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
  ];
  const problem = await new Promise<string | null>((resolve) => {
    execFile(
      'npm',
      args,
      { cwd: directory, timeout: INSTALL_WITHIN_MS, maxBuffer: 2 ** 24 },
      (error, _stdout, stderr) => {
        resolve(error ? lastLines(stderr || error.message) : null);
      },
    );
  });
  if (existsSync(path.join(directory, 'node_modules', name)) && works(directory))
    return { outcome: 'ready', directory };
  return { outcome: 'missing', reason: problem ?? 'it was installed but does not load' };
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-3).join(' / ');
}
