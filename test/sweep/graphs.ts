/** What is swept: workflows of every shape that recovers differently, and how each has to end whatever happens meanwhile. */
import { isRunning } from '../../src/adapters/managed-postgres/postmaster.ts';

export interface SweptGraph {
  name: string;
  /** Workflows that have to be saved before. */
  parts?: object[];
  /** Appends a line to the file `ran` for each command that begins. */
  workflow: (ran: string) => object;
  outputs: object;
  /** Node, item, iteration, attempt and status of every step. */
  steps: string[];
  /** Each once. */
  lines: string[];
  /** What else must hold; the lines as they were written. */
  verify?: (lines: string[]) => Promise<string[]>;
}

interface Options {
  after?: string;
  [option: string]: unknown;
}

function command(ran: string, what: string, after = 'true'): Record<string, unknown> {
  return { command: ['sh', '-c', `echo "$WHAT" >> "$RAN"; ${after}`], env: { RAN: ran, WHAT: what } };
}

function shell(ran: string, id: string, { after, ...options }: Options = {}): object {
  return { id, type: 'shell', config: command(ran, id, after), ...options };
}

const LINKS = ['a', 'b', 'c', 'd', 'e'];
const chain: SweptGraph = {
  name: 'chain',
  workflow: (ran) => ({
    nodes: [...LINKS.map((id) => shell(ran, id)), { id: 'pause', type: 'wait', config: { duration: 'PT0.05S' } }],
    edges: [...LINKS.slice(1).map((to, index) => ({ from: LINKS[index], to })), { from: 'e', to: 'pause' }],
    outputs: { over: 'nodes.pause.output != null' },
  }),
  outputs: { over: true },
  steps: [...LINKS, 'pause'].map((id) => `${id} succeeded`),
  lines: LINKS,
};

const ITEMS = [0, 1, 2, 3, 4, 5, 6, 7];
const wideMap: SweptGraph = {
  name: 'wide map',
  workflow: (ran) => ({
    nodes: [
      {
        id: 'each',
        type: 'map',
        config: {
          over: JSON.stringify(ITEMS),
          as: 'part',
          concurrency: 4,
          node: { type: 'shell', config: command(ran, 'part {{ part }}') },
        },
      },
      { id: 'count', type: 'transform', config: { value: 'size(nodes.each.output)' } },
    ],
    edges: [{ from: 'each', to: 'count' }],
    outputs: { count: 'nodes.count.output' },
  }),
  outputs: { count: ITEMS.length },
  steps: ['count succeeded', 'each succeeded', ...ITEMS.map((index) => `each[${index}] succeeded`)],
  lines: ITEMS.map((index) => `part ${index}`),
};

const ASKED = ['north', 'east', 'south'];
const approvals: SweptGraph = {
  name: 'approvals in parallel',
  workflow: (ran) => ({
    nodes: [
      ...ASKED.map((id) => ({ id, type: 'approval', config: { title: `May ${id}?` } })),
      ...ASKED.map((id) => shell(ran, `go_${id}`)),
      shell(ran, 'all'),
    ],
    edges: ASKED.flatMap((id) => [
      { from: id, to: `go_${id}` },
      { from: `go_${id}`, to: 'all' },
    ]),
    outputs: { said: 'nodes.north.output.decision' },
  }),
  outputs: { said: 'approve' },
  steps: [...ASKED, ...ASKED.map((id) => `go_${id}`), 'all'].map((id) => `${id} succeeded`),
  lines: [...ASKED.map((id) => `go_${id}`), 'all'],
};

const loop: SweptGraph = {
  name: 'loop',
  workflow: (ran) => ({
    nodes: [
      shell(ran, 'work', { after: 'grep -c work "$RAN"' }),
      { id: 'seen', type: 'transform', config: { value: 'nodes.work.output.stdout.trim()' } },
      shell(ran, 'done'),
    ],
    edges: [
      { from: 'work', to: 'seen' },
      { from: 'seen', to: 'work', when: "nodes.seen.output != '3'", max: 4 },
      { from: 'seen', to: 'done', when: "nodes.seen.output == '3'" },
    ],
    outputs: { rounds: 'nodes.seen.output' },
  }),
  outputs: { rounds: '3' },
  steps: [
    ...['', ' round 2', ' round 3'].flatMap((round) => [`work${round} succeeded`, `seen${round} succeeded`]),
    'done succeeded',
  ],
  lines: ['work', 'work', 'work', 'done'],
};

const subWorkflow: SweptGraph = {
  name: 'sub-workflow',
  parts: [
    {
      name: 'Part',
      inputs: { job: { type: 'object' } },
      nodes: [{ id: 'make', type: 'shell', config: command('{{ inputs.job.ran }}', '{{ inputs.job.what }}') }],
      outputs: { made: 'inputs.job.what' },
    },
  ],
  workflow: (ran) => ({
    nodes: [
      { id: 'first', type: 'workflow', config: { workflow: 'Part', inputs: { job: { ran, what: 'first' } } } },
      {
        id: 'rest',
        type: 'map',
        config: { over: JSON.stringify(['a', 'b'].map((what) => ({ ran, what }))), as: 'job', workflow: 'Part' },
      },
    ],
    edges: [{ from: 'first', to: 'rest' }],
    outputs: { made: '[nodes.first.output.made] + nodes.rest.output.map(part, part.made)' },
  }),
  outputs: { made: ['first', 'a', 'b'] },
  steps: ['first', 'rest', 'rest[0]', 'rest[1]'].map((id) => `${id} succeeded`),
  lines: ['first', 'a', 'b'],
};

const FAST = ['hare', 'stag'];
const SLOW = ['snail', 'sloth'];
const quorum: SweptGraph = {
  name: 'quorum',
  workflow: (ran) => ({
    nodes: [
      ...SLOW.map((id) => ({
        id,
        type: 'shell',
        config: command(ran, `${id}`, 'echo "$WHAT is $$" >> "$RAN"; exec sleep 60'),
      })),
      // They are there before anybody wins, so that there is something to cancel.
      ...FAST.map((id) => shell(ran, id, { after: 'until [ "$(grep -c " is " "$RAN")" = 2 ]; do sleep 0.01; done' })),
      shell(ran, 'enough', { join: { quorum: 2, cancelRest: true } }),
    ],
    edges: [...FAST, ...SLOW].map((from) => ({ from, to: 'enough' })),
    outputs: { enough: 'nodes.enough.status' },
  }),
  outputs: { enough: 'succeeded' },
  steps: [...FAST.map((id) => `${id} succeeded`), ...SLOW.map((id) => `${id} cancelled`), 'enough succeeded'],
  lines: [...FAST, ...SLOW, 'enough'],
  async verify(lines) {
    const alive: string[] = [];
    for (const line of lines) {
      const pid = Number(/ is (\d+)$/.exec(line)?.[1]);
      if (pid && (await isRunning(pid))) alive.push(`${line}, and lives after the end of its execution`);
    }
    return alive;
  },
};

const retries: SweptGraph = {
  name: 'retries and branches',
  workflow: (ran) => ({
    nodes: [
      {
        id: 'flaky',
        type: 'shell',
        // Fails until its second attempt.
        config: command(ran, 'flaky', '[ "$(grep -c flaky "$RAN")" -ge 2 ]'),
        retry: { max: 2, backoff: 'PT0.05S' },
      },
      shell(ran, 'broken', { after: 'exit 3' }),
      shell(ran, 'mend'),
      shell(ran, 'unneeded'),
      shell(ran, 'last', { join: 'any' }),
    ],
    edges: [
      { from: 'flaky', to: 'broken' },
      { from: 'broken', to: 'mend', on: 'error' },
      { from: 'broken', to: 'unneeded' },
      { from: 'mend', to: 'last' },
      { from: 'unneeded', to: 'last' },
    ],
    outputs: { code: 'nodes.broken.error.code' },
  }),
  outputs: { code: 'NON_ZERO_EXIT' },
  steps: [
    'flaky failed',
    'flaky attempt 2 succeeded',
    'broken failed',
    'mend succeeded',
    'unneeded skipped',
    'last succeeded',
  ],
  lines: ['flaky', 'flaky', 'broken', 'mend', 'last'],
};

export const GRAPHS: readonly SweptGraph[] = [chain, wideMap, approvals, loop, subWorkflow, quorum, retries];
