/** Whether the status that is announced is the true one: a seeded soak of every agent CLI, its model on loopback. */
import { parseArgs } from 'node:util';
import { soak, type Soaked } from './support/status-soak/soak.ts';
import { SOAKED_CLIS, type SoakedCli } from './support/status-soak/soaked-clis.ts';
import type { Transition } from './support/status-soak/stage.ts';
import { quantile } from './support/statistics.ts';
import { runWorkload, type Workload } from './support/workload.ts';

const { values } = parseArgs({
  options: {
    cli: { type: 'string' },
    transitions: { type: 'string', default: '300' },
    seed: { type: 'string', default: '1' },
    /** Only scenes whose name holds this. */
    scene: { type: 'string' },
  },
});
const { cli, scene } = values;
const chosen = SOAKED_CLIS.filter((one) => cli === undefined || one.name === cli || one.kind === cli);
if (chosen.length === 0)
  throw new Error(`There is no ${cli}. There are: ${SOAKED_CLIS.map((one) => one.name).join(', ')}`);

await runWorkload('agents-status', 'Announced statuses against the truth', async (workload) => {
  for (const one of chosen) {
    const missing = one.missing();
    if (missing !== null) {
      workload.note(`${one.name} is left out: ${missing}`);
      continue;
    }
    const options = { transitions: Number(values.transitions), seed: Number(values.seed) };
    report(workload, one, await soak(workload, one, { ...options, ...(scene === undefined ? {} : { scene }) }));
  }
  workload.note(
    `seed ${values.seed}; from the moment of truth (the model is asked, its answer ends, a key is taken, a`,
  );
  workload.note('process is killed) to the event on /ws/updates, of which up to 50 ms are the gathering of events');
});

function report(workload: Workload, { name }: SoakedCli, soaked: Soaked): void {
  const { transitions, scenes, wrong, failed, prompts, bareEventsMs } = soaked;
  const count = (what: string, value: number, detail?: unknown): void =>
    workload.row({ what: `  ${what}`, value, unit: '', goal: '0', met: value === 0, detail });
  workload.row({ what: name, value: transitions.length, unit: `transitions in ${scenes} scenes` });
  count('wrong statuses', wrong);
  count('other failures of a scene', failed);
  workload.row({ what: '  prompts sent', value: prompts.sent, unit: '' });
  count('prompts lost', prompts.lost.length, prompts.lost);
  count('prompts doubled', prompts.doubled.length, prompts.doubled);
  const known = transitions.flatMap(({ ms }) => ms ?? []);
  for (const [what, q] of [
    ['p50', 0.5],
    ['p99', 0.99],
  ] as const) {
    const [value, bare] = [quantile(known, q), quantile(bareEventsMs, q)];
    workload.row({
      what: `  known after, ${what}`,
      value,
      unit: 'ms',
      floor: { what: 'ms a bare event', value: bare },
      ratio: value / bare,
    });
  }
  for (const [kind, ms] of byKind(transitions))
    workload.row({
      what: `  ${kind} (${ms.length})`,
      value: quantile(ms, 0.5),
      unit: `ms p50, ${quantile(ms, 0.99).toFixed(0)} p99`,
    });
  const failures = wrong + failed + prompts.lost.length + prompts.doubled.length;
  if (failures > 0) process.exitCode = 1;
}

/** Those whose moment is known, the most frequent first. */
function byKind(transitions: readonly Transition[]): [string, number[]][] {
  const kinds = new Map<string, number[]>();
  for (const { kind, ms } of transitions) if (ms !== null) kinds.set(kind, [...(kinds.get(kind) ?? []), ms]);
  return [...kinds].toSorted(([, one], [, other]) => other.length - one.length);
}
