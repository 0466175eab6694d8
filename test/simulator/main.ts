/**
 * `npm run sim -- --seeds N [--from S] [--jobs J]`, or for one of them `--seed S --verbose`: simulates executions under
 * faults and says what was found. Each job is a process of its own, because a simulation takes the place of its timers.
 */
import { spawn } from 'node:child_process';
import os from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { simulate } from './simulate.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '300' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    jobs: { type: 'string' },
    /** Of a job: takes every n-th seed, and says the end of each. */
    every: { type: 'string' },
    verbose: { type: 'boolean', default: false },
  },
});

interface Ended {
  breaches: string[];
  events: number;
}

/** Below this another process costs more than it gives. */
const SEEDS_WORTH_A_JOB = 25;
const from = Number(values.seed ?? values.from);
const count = values.seed === undefined ? Number(values.seeds) : 1;
const jobs = Math.max(
  1,
  Number(values.jobs ?? Math.min(os.availableParallelism(), Math.ceil(count / SEEDS_WORTH_A_JOB))),
);
if (![from, count, jobs].every(Number.isInteger) || count < 1) {
  console.error('Say how many: --seeds 1000, from which: --from 1, or just one: --seed 7 --verbose');
  process.exit(2);
}

if (values.every === undefined) await simulateAll();
else
  for (let seed = from; seed < from + count; seed += Number(values.every))
    console.log(JSON.stringify(await simulate(seed)));

async function simulateAll(): Promise<void> {
  const startedAt = performance.now();
  let [failed, events] = [0, 0];
  const ended = (seed: number, outcome: Ended) => {
    events += outcome.events;
    if (outcome.breaches.length === 0) return;
    failed += 1;
    console.log(`seed ${seed}: npm run sim -- --seed ${seed} --verbose`);
    for (const breach of outcome.breaches) console.log(`  ${breach}`);
  };
  if (values.seed !== undefined) {
    const outcome = await simulate(from, { verbose: values.verbose });
    console.log(`trace ${outcome.trace}`);
    ended(from, outcome);
  } else await Promise.all(Array.from({ length: jobs }, (_, job) => runJob(job, ended)));
  const seconds = (performance.now() - startedAt) / 1000;
  console.log(`${count} seeds, ${failed} failed, ${events} events, ${(count / seconds).toFixed(1)} seeds/s`);
  process.exitCode = failed === 0 ? 0 : 1;
}

async function runJob(job: number, ended: (seed: number, outcome: Ended) => void): Promise<void> {
  const args = ['--every', String(jobs), '--from', String(from + job), '--seeds', String(count - job)];
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise<number | null>((resolve) => void child.on('exit', resolve));
  for await (const line of createInterface({ input: child.stdout })) {
    const outcome = JSON.parse(line) as Ended & { seed: number };
    ended(outcome.seed, outcome);
  }
  const status = await exited;
  if (status !== 0) throw new Error(`a job of the simulator ended with ${status}`);
}
