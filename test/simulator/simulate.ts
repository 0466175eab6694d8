/** One run of the simulator: a seed gives a scenario and everything that goes wrong; what is found is a list of breaches. */
import { FINISHED_EXECUTION } from '../../src/contract/executions.ts';
import { seededChance } from '../support/seeded-chance.ts';
import { breachesOf, type Rows } from '../support/invariants.ts';
import { makeScenario, type Scenario } from './scenario.ts';
import type { MemoryDatabase, Row } from './store/memory-database.ts';
import { People } from './world/people.ts';
import { World } from './world/world.ts';

/** How long things go wrong; then the world is calm, and everything has to come to its end. */
const RESTLESS_MS = 20_000;
const ENDS_WITHIN_MS = 300_000;

/** A clock that is set, a machine that slept, a time server that was wrong: in milliseconds. */
const CLOCK_JUMPS = [
  { most: 60_000, weight: 1 },
  { most: -5_000, weight: 1 },
  { most: 6 * 3_600_000, weight: 1 },
  { most: -6 * 3_600_000, weight: 1 },
  { most: 3 * 86_400_000, weight: 1 },
];

export interface Outcome {
  seed: number;
  breaches: string[];
  /** The same for the same seed. */
  trace: string;
  events: number;
  /** What the world did, for whoever looks for the cause. */
  said: string[];
}

export async function simulate(seed: number, options: { verbose?: boolean } = {}): Promise<Outcome> {
  const scenario = makeScenario(seed);
  if (options.verbose) console.log(JSON.stringify(scenario.document, null, 1));
  const found = await run(seed, scenario, { isCalm: false, verbose: options.verbose ?? false });
  if (scenario.isConfluent && found.breaches.length === 0) {
    const calm = await run(seed, scenario, { isCalm: true, verbose: false });
    found.breaches.push(...calm.breaches.map((breach) => `without faults: ${breach}`));
    if (calm.outcome !== found.outcome)
      found.breaches.push(
        `its outcome is not that of a run without faults:\n    ${found.outcome}\n    ${calm.outcome}`,
      );
  }
  return { seed, breaches: found.breaches, trace: found.trace, events: found.events, said: found.said };
}

interface Found {
  breaches: string[];
  outcome: string;
  trace: string;
  events: number;
  said: string[];
}

async function run(
  seed: number,
  scenario: Scenario,
  { isCalm, verbose }: { isCalm: boolean; verbose: boolean },
): Promise<Found> {
  const hash = traceHash();
  const chance = seededChance(seed * 2 + (isCalm ? 1 : 0));
  const world = new World({ scenario, chance, verbose, trace: (at, label) => hash.add(`${at} ${label}\n`) });
  const giveBack = world.time.install((owner) => (owner === null ? 0 : world.skewMs));
  try {
    world.begin('server');
    if (!isCalm) world.begin('worker');
    const people = new People(world, scenario);
    people.live();
    if (!isCalm) world.time.as(null, () => void makeTrouble(world, scenario));
    const isOver = () => {
      const all = [...world.database.tables.executions.values()];
      return people.started.length > 0 && !world.restless && all.every(isFinished) && !hasOpenEnds(world.database);
    };
    const end = await world.time.run(isOver, ENDS_WITHIN_MS);
    const breaches = [
      ...(end === 'done' ? [] : [`I1 it did not come to its end: ${describeOpen(world.database)}`]),
      ...world.history.breaches,
      ...world.unexpected,
      ...world.database.deadlocks.map((pair) => `deadlock: ${pair}`),
      ...breachesOf(rowsOf(world.database), {
        accepted: people.started,
        answered: people.answered,
        begun: world.commands.begun,
        delivered: world.agents.delivered,
        isSettled: end === 'done',
      }),
      ...[...world.database.tables.executions.values()].flatMap((record) => world.history.replayed(record)),
    ];
    return {
      breaches: [...new Set(breaches)],
      outcome: outcomeOf(world.database, people.started[0] ?? ''),
      trace: hash.text(),
      events: world.time.events,
      said: world.said,
    };
  } finally {
    giveBack();
  }
}

/** Kills, freezes, cuts and shifts until it is enough. */
async function makeTrouble(world: World, scenario: Scenario): Promise<void> {
  const { time, chance } = world;
  world.restless = true;
  const end = chance.between(3_000, RESTLESS_MS);
  let furthestMs = 0;
  while (time.elapsed < end) {
    await time.pass(chance.between(50, 3_000), 'trouble waits');
    const alive = world.processes.filter(({ state }) => state === 'alive');
    const process = alive[Math.floor(chance.fraction() * alive.length)];
    const { what } = chance.weighted([
      { what: 'kill', weight: 5 },
      { what: 'freeze', weight: 3 },
      { what: 'stop', weight: 1 },
      { what: 'away', weight: 2 },
      { what: 'cut', weight: 2 },
      { what: 'clock', weight: 1 },
      { what: 'machine', weight: scenario.losesMachine ? 2 : 0 },
    ] as const);
    if (what === 'kill' && process) world.dies(process);
    else if (what === 'freeze' && process) world.freeze(process, chance.between(500, 25_000));
    else if (what === 'stop' && process) {
      world.say(`${process.name} is told to stop`);
      void process.shutDown().catch(() => undefined);
      world.replace(process);
    } else if (what === 'away') {
      world.say('the database is away');
      world.databaseIsAway = true;
      world.cutConnections();
      await time.pass(chance.between(50, 4_000), 'the database comes back');
      world.databaseIsAway = false;
      world.wakeUps.interrupted();
    } else if (what === 'cut') {
      world.say('every connection is cut');
      world.cutConnections();
    } else if (what === 'clock') {
      const { most } = chance.weighted(CLOCK_JUMPS);
      const jumpMs = Math.floor(chance.between(Math.min(0, most), Math.max(0, most)));
      world.skewMs += jumpMs;
      furthestMs = Math.max(furthestMs, world.skewMs);
      world.say(`the clock jumps by ${jumpMs} ms`);
    } else if (what === 'machine') {
      world.say('the machine goes down');
      world.commands.lose();
      for (const one of world.processes) world.dies(one);
    }
  }
  world.restless = false;
  // What was to happen at a moment of the wall clock would otherwise be hours away.
  world.skewMs = furthestMs;
  world.say('the world is calm, and no clock is behind where it was');
}

function isFinished(row: Row): boolean {
  return FINISHED_EXECUTION.includes(row['status']);
}

/** Something that was decided before the end and is not done yet. */
function hasOpenEnds(database: MemoryDatabase): boolean {
  return database.rows('effects').some((row) => row['status'] !== 'done') || database.open.size > 0;
}

export function rowsOf(database: MemoryDatabase): Rows {
  return {
    executions: database.rows('executions'),
    steps: database.rows('steps'),
    effects: database.rows('effects'),
    mailbox: database.rows('mailbox'),
    timers: database.rows('timers'),
    inboxItems: database.rows('inbox_items'),
    checkpoints: database.rows('checkpoints'),
    tasks: database.rows('agent_tasks').map(({ receipts, ...row }) => ({ ...row, ...receipts })),
    topics: database.rows('topics'),
    events: database.rows('events'),
    audit: database.rows('audit'),
  };
}

/** What does not depend on who came first: how it ended, and how each node did. Which items of a failing map began does. */
function outcomeOf(database: MemoryDatabase, executionId: string): string {
  const record = database.tables.executions.get(executionId);
  const steps = database
    .rows('steps')
    .filter((row) => row['executionId'] === executionId && !row['item'])
    .map((row) => `${row['nodeId']}:${row['iteration']}:${row['attempt']} ${row['status']}`)
    .toSorted();
  return JSON.stringify({ status: record?.['status'], outputs: record?.['outputs'], steps });
}

function describeOpen(database: MemoryDatabase): string {
  const open = database.rows('executions').filter((row) => !isFinished(row));
  const about = open.map(
    ({ id, status, leaseOwner, leaseExpiresAt }) => `${id} is ${status}, held by ${leaseOwner} until ${leaseExpiresAt}`,
  );
  const effects = database.rows('effects').filter((row) => row['status'] !== 'done');
  const mail = database.rows('mailbox').filter((row) => !row['taken']);
  return [
    ...about,
    ...effects.map((row) => `effect ${row['key']} is ${row['status']}`),
    ...mail.map((row) => `letter ${row['id']} ${JSON.stringify(row['event'])}`),
    ...database.rows('timers').map((row) => `timer ${row['timerId']} at ${row['fireAt']}`),
    ...database.rows('inbox_items').flatMap((row) => (row['state'] === 'open' ? [`item ${row['title']}`] : [])),
  ].join('; ');
}

/** FNV-1a with 53 bits: quick, and two different runs hardly ever have the same. */
function traceHash(): { add(text: string): void; text(): string } {
  let [low, high] = [0x811c9dc5, 0x1b873593];
  return {
    add(text) {
      for (let index = 0; index < text.length; index++) {
        const code = text.charCodeAt(index);
        low = Math.imul(low ^ code, 0x01000193);
        high = Math.imul(high ^ code, 0x85ebca6b);
      }
    },
    text: () => `${(high >>> 0).toString(16).padStart(8, '0')}${(low >>> 0).toString(16).padStart(8, '0')}`,
  };
}
