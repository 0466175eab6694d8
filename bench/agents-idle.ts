/** 200 idle shell agents through the whole product: what they cost in CPU and, beyond their shells, in memory. */
import { setTimeout as delay } from 'node:timers/promises';
import { type Fleet, startFleet } from './support/agent-fleet.ts';
import { cpuMs, pssBytes } from './support/process-cost.ts';
import { median } from './support/statistics.ts';
import { runWorkload } from './support/workload.ts';

const AGENTS = 200;
const SETTLE_MS = 10_000;
const WINDOWS = 3;
const WINDOW_MS = 10_000;
const MB = 2 ** 20;

await runWorkload('agents-idle', `${AGENTS} idle shell agents`, async (workload) => {
  const fleet = await startFleet(workload);
  await delay(SETTLE_MS);
  const { pid } = fleet.server;
  const alone = { cpu: await nodeAlone(pid), memory: pssBytes([pid]) };

  const began = performance.now();
  await fleet.create(Array.from({ length: AGENTS }, (_, index) => ({ name: `idle-${index}` })));
  workload.say(`${AGENTS} agents up in ${((performance.now() - began) / 1000).toFixed(1)} s`);
  await delay(SETTLE_MS);

  const { servers, clients } = fleet.tmux();
  if (servers.length !== AGENTS || clients.length !== AGENTS)
    throw new Error(`expected ${AGENTS} tmux servers and clients, found ${servers.length} and ${clients.length}`);
  const parts = { node: [pid], servers, clients };
  const windows: Record<keyof typeof parts, number>[] = [];
  const databaseBefore = await databaseMs(fleet);
  const measuring = performance.now();
  for (let window = 0; window < WINDOWS; window++) {
    const start = performance.now();
    const before = each(parts);
    await delay(WINDOW_MS);
    const after = each(parts);
    const elapsed = performance.now() - start;
    windows.push(mapped(parts, (name) => ((after[name] - before[name]) / elapsed) * 100));
  }
  const databasePercent = (((await databaseMs(fleet)) - databaseBefore) / (performance.now() - measuring)) * 100;
  const now = fleet.tmux();
  if (now.servers.length !== AGENTS || now.clients.length !== AGENTS)
    throw new Error('an agent ended while it was measured');

  const mean = mapped(parts, (name) => windows.reduce((sum, window) => sum + window[name], 0) / windows.length);
  const total = mean.node + mean.servers + mean.clients;
  const seconds = (WINDOWS * WINDOW_MS) / 1000;
  const perAgent = (bytes: number) => bytes / AGENTS / MB;
  const grown = pssBytes([pid]) - alone.memory;
  const memory = { servers: perAgent(pssBytes(servers)), clients: perAgent(pssBytes(clients)), node: perAgent(grown) };
  const perAgentTotal = memory.servers + memory.clients + memory.node;
  workload.row({
    what: `CPU over ${seconds} s, node + tmux`,
    value: total,
    unit: '% of a core',
    goal: '< 1 %',
    met: total < 1,
    detail: { windows },
  });
  workload.row({
    what: '  of it node',
    value: mean.node,
    unit: '% of a core',
    detail: { medianOfWindows: median(windows.map((window) => window.node)) },
  });
  workload.row({ what: '  of it tmux servers', value: mean.servers, unit: '% of a core' });
  workload.row({ what: '  of it control clients', value: mean.clients, unit: '% of a core' });
  workload.row({ what: 'node with no agent, before', value: alone.cpu, unit: '% of a core' });
  workload.row({ what: 'its PostgreSQL, beside', value: databasePercent, unit: '% of a core' });
  workload.row({
    what: 'memory per agent',
    value: perAgentTotal,
    unit: 'MB',
    goal: '< 2 MB',
    met: perAgentTotal < 2,
    detail: memory,
  });
  workload.row({ what: '  tmux server', value: memory.servers, unit: 'MB' });
  workload.row({ what: '  control client', value: memory.clients, unit: 'MB' });
  workload.row({ what: '  growth of node', value: memory.node, unit: 'MB' });
  workload.note('memory is PSS; the shells, and what runs in them, are not counted');
});

/** Listed anew each time: its workers come and go, and those that are gone are in their parent's account. */
async function databaseMs(fleet: Fleet): Promise<number> {
  return cpuMs(await fleet.database(), { children: true });
}

async function nodeAlone(pid: number): Promise<number> {
  const start = performance.now();
  const before = cpuMs([pid], { children: true });
  await delay(WINDOW_MS);
  return ((cpuMs([pid], { children: true }) - before) / (performance.now() - start)) * 100;
}

function each<K extends string>(parts: Record<K, number[]>): Record<K, number> {
  return mapped(parts, (name) => cpuMs(parts[name], { children: name === 'node' }));
}

function mapped<K extends string>(parts: Record<K, unknown>, value: (name: K) => number): Record<K, number> {
  return Object.fromEntries((Object.keys(parts) as K[]).map((name) => [name, value(name)])) as Record<K, number>; // the keys of `parts`
}
