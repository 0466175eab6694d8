/** Something to be measured that answers HTTP in a process of its own; it prints its port when it is ready. */
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import type { Workload } from './workload.ts';

const READY_WITHIN_MS = 60_000;

export interface HttpTarget {
  url: string;
  pid: number;
}

/** `script` lies beside this file. */
export async function startHttpTarget(workload: Workload, script: string, args: string[]): Promise<HttpTarget> {
  const child: ChildProcess = spawn(process.execPath, [path.join(import.meta.dirname, script), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  workload.own(() => void child.kill());
  const port = await new Promise<string>((resolve, reject) => {
    child.stdout?.once('data', (data: Buffer) => resolve(data.toString().trim()));
    child.once('exit', (code) => reject(new Error(`${script} ended with ${code}`)));
    child.once('error', reject);
    setTimeout(
      () => reject(new Error(`${script} printed no port within ${READY_WITHIN_MS / 1000} s`)),
      READY_WITHIN_MS,
    ).unref();
  });
  return { url: `http://127.0.0.1:${port}`, pid: child.pid ?? 0 };
}
