/** `pointsman bench`: the benchmarks of the checkout that this program was built in. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { CommandIo } from '../command-io.ts';
import { projectFile } from '../product-version.ts';
import { UsageError } from '../usage-error.ts';

export async function bench(io: CommandIo, args: readonly string[]): Promise<number> {
  const script = projectFile('scripts/bench.mjs');
  if (!existsSync(script))
    throw new UsageError('The benchmarks are not installed here.', 'Run this in a checkout of the source.');
  const child = spawn(process.execPath, [script, ...args], { stdio: 'inherit', env: io.env });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}
