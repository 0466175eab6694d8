/** What a simulated execution is about: a random valid workflow, how each attempt will go, and what people will do. */
import fc from 'fast-check';
import type { WorkflowDocument } from '../../src/contract/workflow-document.ts';
import { documentOf, randomGraph } from '../../src/domain/settle/testing/random-graph.ts';
import { validateWorkflow } from '../../src/domain/workflow/validate-workflow.ts';
import { type Chance, seededChance } from '../support/seeded-chance.ts';
import type { CommandPlan } from './world/step-commands.ts';

export interface Scenario {
  document: WorkflowDocument;
  /** How the command or the agent's turn of an attempt goes, by `execution:attempt key`. */
  planOf: (key: string) => CommandPlan;
  approves: (effectKey: string) => boolean;
  /** What a person says of a step that nobody knows the outcome of. */
  judges: (effectKey: string) => 'retry' | 'fail' | 'mark_succeeded';
  signals: string[];
  actions: { afterMs: number; type: 'pause' | 'cancel' }[];
  /** Whether the machine may go down with what runs on it. */
  losesMachine: boolean;
  /** Whether the outcome follows from the document alone, whatever comes first. */
  isConfluent: boolean;
}

interface DocumentNode {
  id: string;
  type: string;
  config: Record<string, unknown>;
  [option: string]: unknown;
}
interface Draft {
  nodes: DocumentNode[];
  edges: Record<string, unknown>[];
}

export function makeScenario(seed: number): Scenario {
  const chance = seededChance(seed ^ 0x5ce7);
  const [graph] = fc.sample(randomGraph, { seed, numRuns: 1 });
  if (!graph) throw new Error('there is no graph');
  let draft = documentOf(graph) as unknown as Draft;
  const isSteady = chance.is(0.6);
  // Of a race it depends on the order who wins.
  if (isSteady) for (const node of draft.nodes) delete node['join'];
  draft.nodes = draft.nodes.map((node, index) => decorated(node, graph[index]?.fails ?? false, { chance, isSteady }));
  for (let tries = 0; tries < 3; tries++) draft = withLoop(draft, chance);
  const { document, problems } = validateWorkflow(draft);
  if (!document) throw new Error(`seed ${seed} made no valid workflow: ${JSON.stringify(problems)}`);

  const fails = new Map(graph.map((node, index) => [`n${index}`, node.fails]));
  const hashed = (text: string) => seededChance(hashOf(`${seed} ${text}`));
  const keyOf = (key: string) => key.slice(key.indexOf(':') + 1);
  const cancels = !isSteady && chance.is(0.2);
  return {
    document,
    planOf(key) {
      const own = hashed(`plan ${keyOf(key)}`);
      const [nodeId = '', , item = '', attempt = ''] = keyOf(key).split(':');
      // A flaky one fails at first, a broken one always.
      const broken = fails.get(nodeId) ?? false;
      const flaky = hashed(`flaky ${nodeId} ${item}`).is(0.3) && Number(attempt) < 2;
      return {
        durationMs: Math.floor(own.is(0.3) ? own.between(0, 20) : own.between(20, 2_500)),
        exitCode: (broken && item === '-') || flaky ? 1 : 0,
        stdout: own.is(0.5) ? 'again' : 'enough',
      };
    },
    approves: (effectKey) => hashed(`approves ${effectKey}`).is(0.7),
    judges: (effectKey) =>
      (['retry', 'retry', 'fail', 'mark_succeeded'] as const)[
        Math.floor(hashed(`judges ${effectKey}`).fraction() * 4)
      ] ?? 'retry',
    signals: draft.nodes.flatMap(({ config }) => (typeof config['event'] === 'string' ? [config['event']] : [])),
    actions: [
      ...(chance.is(0.3) ? [{ afterMs: chance.between(0, 6_000), type: 'pause' as const }] : []),
      ...(chance.is(0.1) ? [{ afterMs: chance.between(0, 12_000), type: 'pause' as const }] : []),
      ...(cancels ? [{ afterMs: chance.between(0, 8_000), type: 'cancel' as const }] : []),
    ],
    losesMachine: !isSteady && chance.is(0.3),
    isConfluent: isSteady,
  };
}

function decorated(
  node: DocumentNode,
  fails: boolean,
  { chance, isSteady }: { chance: Chance; isSteady: boolean },
): DocumentNode {
  const { id, join, onError } = node;
  const options = { ...(join ? { join } : {}), ...(onError ? { onError } : {}) };
  const retry = chance.is(0.4)
    ? { retry: { max: 2, ...(chance.is(0.6) ? { backoff: 'PT0.7S', factor: 2 } : {}) } }
    : {};
  const timeout = !isSteady && chance.is(0.3) ? { timeout: 'PT1S' } : {};
  const { kind } = chance.weighted([
    { kind: 'shell', weight: 4 },
    { kind: 'agent', weight: 3 },
    // These do not fail when the graph says so.
    { kind: 'approval', weight: fails ? 0 : 2 },
    { kind: 'wait', weight: fails ? 0 : 1 },
    { kind: 'event', weight: fails ? 0 : 1 },
    { kind: 'map', weight: fails ? 0 : 2 },
    { kind: 'transform', weight: fails ? 0 : 1 },
    { kind: 'condition', weight: fails ? 0 : 1 },
  ]);
  const command = { command: ['run', id] };
  switch (kind) {
    case 'agent':
      return {
        id,
        type: 'agent',
        config: { agent: { capability: 'work' }, prompt: `do ${id}` },
        ...options,
        ...retry,
        ...timeout,
      };
    case 'approval': {
      const expiry = isSteady ? {} : { expires: 'PT1.5S', onExpire: chance.is(0.5) ? 'approve' : 'reject' };
      return { id, type: 'approval', config: { title: `May ${id}?`, ...expiry }, ...options };
    }
    case 'wait':
      return { id, type: 'wait', config: { duration: `PT${chance.between(0.1, 3).toFixed(1)}S` }, ...options };
    case 'event':
      return { id, type: 'wait', config: { event: `come-${id}` }, ...options };
    case 'map': {
      const inner = chance.is(0.7)
        ? { type: 'shell', config: command, ...retry }
        : { type: 'agent', config: { agent: 'ada', prompt: `do ${id}` }, ...retry };
      const config = {
        over: `[${Array.from({ length: Math.floor(chance.between(0, 6)) }, (_, index) => index).join(', ')}]`,
        concurrency: 2,
        node: { ...inner, ...(chance.is(0.4) ? { onError: 'continue' } : {}) },
      };
      return { id, type: 'map', config, ...options };
    }
    case 'transform':
      return { id, type: 'transform', config: { value: '{"n": 1 + 1}' }, ...options };
    case 'condition':
      return { id, type: 'condition', config: {}, ...options };
    default:
      return {
        id,
        type: 'shell',
        config: { ...command, ...(chance.is(0.1) ? { allowFailure: true } : {}) },
        ...options,
        ...retry,
        ...timeout,
      };
  }
}

/** With one more loop edge, where that makes a valid workflow. */
function withLoop(draft: Draft, chance: Chance): Draft {
  const sources = draft.nodes.filter(({ type }) => type === 'shell');
  const from = sources[Math.floor(chance.fraction() * sources.length)];
  if (!from) return draft;
  const last = draft.nodes.indexOf(from);
  const to = draft.nodes[Math.floor(chance.fraction() * (last + 1))];
  const loop = { from: from.id, to: to?.id, max: 2, when: `nodes.${from.id}.output.stdout == 'again'` };
  const tried = { nodes: draft.nodes, edges: [...draft.edges, loop] };
  return validateWorkflow(tried).document ? tried : draft;
}

function hashOf(text: string): number {
  let hash = 2_166_136_261;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 16_777_619);
  return hash >>> 0;
}
