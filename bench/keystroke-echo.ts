/** From a key in a WebSocket to its echo in the same one, through the whole product and through a bare node-pty. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { startFleet } from './support/agent-fleet.ts';
import { installNodePty } from './support/node-pty.ts';
import { driftPercent, median, quantile } from './support/statistics.ts';
import { openTerminal, type TerminalSocket } from './support/terminal-socket.ts';
import { MOST_DRIFT_PERCENT } from './support/noise.ts';
import { runWorkload, type Workload } from './support/workload.ts';

const ROUNDS = 8;
const KEYS_PER_ROUND = 150;
const WARM_UP_KEYS = 100;
/** Longer than an echo, and never in step with anybody's timer. */
const PAUSE_MS = { least: 3, spread: 7 };
const LOST_AFTER_MS = 5_000;
/** Echoes by itself, byte by byte: no line discipline, no shell. */
const ECHO = ['/bin/sh', '-c', 'stty raw -echo; printf ready; exec cat'];

await runWorkload('keystroke-echo', 'Keystroke echo over a WebSocket', async (workload) => {
  const fleet = await startFleet(workload);
  const [agent] = await fleet.create([{ name: 'echo', command: ECHO }]);
  if (!agent) throw new Error('no agent');
  const ours = await openTerminal(fleet.server, agent.id, { seat: true });
  workload.own(() => ours.close());
  const bare = await openBare(workload);

  await keys(ours, WARM_UP_KEYS);
  if (bare) await keys(bare, WARM_UP_KEYS);
  const rounds: { ours: number[]; bare: number[] }[] = [];
  for (let round = 0; round < ROUNDS; round++)
    rounds.push({ ours: await keys(ours, KEYS_PER_ROUND), bare: bare ? await keys(bare, KEYS_PER_ROUND) : [] });

  const all = (name: 'ours' | 'bare') => rounds.flatMap((round) => round[name]);
  for (const [name, q] of [
    ['p50', 0.5],
    ['p99', 0.99],
  ] as const) {
    const value = quantile(all('ours'), q);
    const floor = { what: 'ms bare', value: quantile(all('bare'), q) };
    const perRound = rounds.map((round) => quantile(round.ours, q) / quantile(round.bare, q));
    // A p99 of one round is one key: there the ratio is that of all keys.
    const ratio = name === 'p50' ? median(perRound) : value / floor.value;
    workload.row({
      what: `echo ${name}`,
      value,
      unit: 'ms',
      ...(bare ? { floor, ratio } : {}),
      ...(name === 'p50' ? { goal: '≤ 2.5×', ...(bare ? { met: ratio <= 2.5 } : {}) } : {}),
      detail: { rounds: rounds.map((round) => ({ ours: quantile(round.ours, q), bare: quantile(round.bare, q) })) },
    });
  }
  if (bare) {
    const passes = rounds.map((round) => median(round.bare));
    const drift = driftPercent(passes[0] ?? 0, passes.at(-1) ?? 0);
    if (drift > MOST_DRIFT_PERCENT)
      workload.noisy(`the bare server's first and last round differ by ${drift.toFixed(0)} %`);
  }
  workload.note(
    `${ROUNDS} interleaved rounds of ${KEYS_PER_ROUND} keys; the ratio of p50 is the median of the rounds' ratios`,
  );
});

/** Null, and a note, where node-pty cannot be had. */
async function openBare(workload: Workload): Promise<TerminalSocket | null> {
  const installed = await installNodePty();
  if (installed.outcome === 'missing') {
    workload.note(`node-pty could not be installed, so there is nothing to compare with: ${installed.reason}`);
    return null;
  }
  const child = spawn(
    process.execPath,
    [path.join(import.meta.dirname, 'support/bare-terminal-server.ts'), installed.directory, ...ECHO],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  workload.own(() => void child.kill());
  const port = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (data: Buffer) => resolve(data.toString().trim()));
    child.once('exit', (code) => reject(new Error(`the bare server ended with ${code}`)));
  });
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
  workload.own(() => socket.close());
  const terminal: TerminalSocket = {
    onBytes: () => undefined,
    type: (bytes) => socket.send(Buffer.from(bytes)),
    close: () => socket.close(),
  };
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.on('message', (data: Buffer) => {
      terminal.onBytes(data);
      resolve(); // `ready`
    });
  });
  return terminal;
}

/** Milliseconds from each key to its echo; each key is another letter than the one before, so no echo counts twice. */
async function keys(terminal: TerminalSocket, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < count; index++) {
    const key = String.fromCharCode(97 + (index % 26));
    times.push(await echo(terminal, key));
    await delay(PAUSE_MS.least + Math.random() * PAUSE_MS.spread);
  }
  return times;
}

function echo(terminal: TerminalSocket, key: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const lost = setTimeout(() => reject(new Error(`the echo of ${key} did not come`)), LOST_AFTER_MS);
    const start = performance.now();
    terminal.onBytes = (bytes) => {
      if (!bytes.includes(key)) return;
      terminal.onBytes = () => undefined;
      clearTimeout(lost);
      resolve(performance.now() - start);
    };
    terminal.type(key);
  });
}
