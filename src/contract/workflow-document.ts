// The workflow document, version 1: its shape as Zod schemas, types and JSON Schema. What the graph means
// (cycles, names, expressions) is checked in domain/workflow; this file also runs in a browser.
import { z } from 'zod';
import { AgentStatus } from './agents.ts';
import { celReservedWords, IDENTIFIER_MAX_LENGTH, identifierPattern } from './node-id.ts';
import type { Problem } from './problem.ts';

const celReserved = new Set(celReservedWords);

export const Identifier = z
  .string()
  .max(IDENTIFIER_MAX_LENGTH, `An id has at most ${IDENTIFIER_MAX_LENGTH} characters.`)
  .regex(identifierPattern, 'An id starts with a letter or _ and goes on with letters, digits and _.')
  .refine((id) => !celReserved.has(id), {
    error: 'This id is a reserved word of the expression language; choose another.',
  });

/** ISO 8601 duration in weeks, days, hours, minutes and seconds; months and years have no fixed length. */
export const isoDurationPattern = /^P(?!$)(?:\d+W)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?$/;
export const IsoDuration = z
  .string()
  .max(64)
  .regex(
    isoDurationPattern,
    'Write a duration as ISO 8601 in weeks, days, hours, minutes and seconds, for example PT10M or P1DT12H.',
  );

const expressionText = z.string().min(1, 'An expression cannot be empty.');
const text = z.string();
/** Text that must say something; whitespace alone does not. */
const saidText = z.string().regex(/\S/, 'This cannot be empty.');
const jsonSchemaSchema = z.union([z.boolean(), z.record(z.string(), z.json())]);
const pointSchema = z.union([z.tuple([z.number(), z.number()]), z.strictObject({ x: z.number(), y: z.number() })]);

export const AgentSelector = z.union([saidText, z.strictObject({ capability: saidText })]);
export const AgentConfig = z.strictObject({
  agent: z.union([AgentSelector, z.array(AgentSelector).min(1, 'Name at least one agent.')]),
  prompt: saidText,
  output: jsonSchemaSchema.optional(),
  workspace: z.enum(['shared', 'worktree']).optional(),
  session: z.enum(['reuse', 'fresh']).optional(),
});
export const ShellConfig = z.strictObject({
  command: z.union([saidText, z.array(text).min(1, 'A command needs at least the program to run.')]),
  cwd: text.optional(),
  env: z.record(z.string(), text).optional(),
  host: saidText.optional(),
  allowFailure: z.boolean().optional(),
});
export const HttpConfig = z.strictObject({
  method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']).optional(),
  url: saidText,
  headers: z.record(z.string(), text).optional(),
  body: z.json().optional(),
  secret: saidText.optional(),
  expect: z.union([z.int().min(100).max(599), z.array(z.int().min(100).max(599)).min(1)]).optional(),
});
export const ApprovalConfig = z.strictObject({
  title: saidText,
  body: text.optional(),
  form: jsonSchemaSchema.optional(),
  roles: z.array(saidText).min(1, 'Leave roles out to let everybody answer who may.').optional(),
  expires: saidText.optional(),
  onExpire: z.enum(['reject', 'approve', 'fail']).optional(),
});
export const ConditionConfig = z.strictObject({});
export const TransformConfig = z.strictObject({
  value: z.union([expressionText, z.record(z.string(), expressionText)]),
});
export const WaitConfig = z.strictObject({
  duration: saidText.optional(),
  until: expressionText.optional(),
  event: saidText.optional(),
});
export const SubWorkflowConfig = z.strictObject({
  workflow: saidText,
  version: z.int().min(1).optional(),
  inputs: z.record(z.string(), z.json()).optional(),
});
export const NotifyConfig = z.strictObject({ channel: saidText, message: text });
export const LanggraphConfig = z.strictObject({ graph: saidText, input: z.json().optional() });

export const Retry = z.strictObject({
  max: z.int().min(0).max(100),
  backoff: IsoDuration.optional(),
  factor: z.number().min(1).max(100).optional(),
  on: z.array(saidText).optional(),
});
export const Join = z.union([
  z.enum(['all', 'any']),
  z.strictObject({ quorum: z.int().min(1), cancelRest: z.boolean().optional() }),
]);

const nodeLabels = { name: text.optional(), description: text.optional() };
const attemptOptions = {
  timeout: IsoDuration.optional(),
  retry: Retry.optional(),
  onError: z.enum(['fail', 'continue']).optional(),
};
const placeOptions = { id: Identifier, join: Join.optional(), position: pointSchema.optional() };

const inner = { ...nodeLabels, ...attemptOptions };
const withoutMap = [
  z.strictObject({ type: z.literal('agent'), config: AgentConfig, ...inner }),
  z.strictObject({ type: z.literal('shell'), config: ShellConfig, ...inner }),
  z.strictObject({ type: z.literal('http'), config: HttpConfig, ...inner }),
  z.strictObject({ type: z.literal('approval'), config: ApprovalConfig, ...inner }),
  z.strictObject({ type: z.literal('transform'), config: TransformConfig, ...inner }),
  z.strictObject({ type: z.literal('wait'), config: WaitConfig, ...inner }),
  z.strictObject({ type: z.literal('workflow'), config: SubWorkflowConfig, ...inner }),
  z.strictObject({ type: z.literal('notify'), config: NotifyConfig, ...inner }),
  z.strictObject({ type: z.literal('langgraph'), config: LanggraphConfig, ...inner }),
] as const;

type InnerNodeWithoutMap = z.infer<(typeof withoutMap)[number]>;
type InnerMapNode = {
  type: 'map';
  config: MapConfig;
  name?: string | undefined;
  description?: string | undefined;
} & z.infer<z.ZodObject<typeof attemptOptions>>;

/** What a map runs for every item: a node without id and edges. */
export type InnerNode = InnerNodeWithoutMap | InnerMapNode;
export type MapConfig = {
  over: string;
  as?: string | undefined;
  concurrency?: number | undefined;
  key?: string | undefined;
  node?: InnerNode | undefined;
  workflow?: string | SubWorkflowConfig | undefined;
};

export const InnerNode: z.ZodType<InnerNode> = z.lazy(() =>
  z.discriminatedUnion('type', [
    ...withoutMap,
    z.strictObject({ type: z.literal('map'), config: MapConfig as z.ZodType<MapConfig>, ...inner }),
  ]),
);
/** `as` is `item` and `concurrency` 4 when left out; exactly one of `node` and `workflow` is checked in domain. */
export const MapConfig = z.strictObject({
  over: expressionText,
  as: Identifier.optional(),
  concurrency: z.int().min(1).max(1000).optional(),
  key: expressionText.optional(),
  node: InnerNode.optional(),
  workflow: z.union([saidText, SubWorkflowConfig]).optional(),
});

const placed = { ...placeOptions, ...inner };
/** A node of the drawn graph, by `type`. */
export const WorkflowNode = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('agent'), config: AgentConfig, ...placed }),
  z.strictObject({ type: z.literal('shell'), config: ShellConfig, ...placed }),
  z.strictObject({ type: z.literal('http'), config: HttpConfig, ...placed }),
  z.strictObject({ type: z.literal('approval'), config: ApprovalConfig, ...placed }),
  z.strictObject({ type: z.literal('condition'), config: ConditionConfig.optional(), ...placed }),
  z.strictObject({ type: z.literal('transform'), config: TransformConfig, ...placed }),
  z.strictObject({ type: z.literal('map'), config: MapConfig, ...placed }),
  z.strictObject({ type: z.literal('wait'), config: WaitConfig, ...placed }),
  z.strictObject({ type: z.literal('workflow'), config: SubWorkflowConfig, ...placed }),
  z.strictObject({ type: z.literal('notify'), config: NotifyConfig, ...placed }),
  z.strictObject({ type: z.literal('langgraph'), config: LanggraphConfig, ...placed }),
]);

export const WorkflowEdge = z.strictObject({
  from: z.string(),
  to: z.string(),
  when: expressionText.optional(),
  otherwise: z.boolean().optional(),
  on: z.enum(['success', 'error', 'any']).optional(),
  max: z.int().min(1).max(10_000).optional(),
});

/** Of a bounded length, because they are what a trigger is known by. */
const triggerName = saidText.max(200, 'This has at most 200 characters.');
const watchedPath = saidText.max(400, 'This has at most 400 characters.');
/** What an execution that it starts is given: JSON in which `{{ }}` reads `event`. */
const triggerInputs = { inputs: z.record(z.string(), z.json()).optional() };
/** Moments that came while nobody was there: `once` (one execution for all of them) when left out. */
export const CatchUp = z.enum(['skip', 'once', 'all']);
/** What starts executions of the live version. `timezone` is UTC and `on` is `succeeded` when left out. */
export const WorkflowTrigger = z.union([
  z.strictObject({
    cron: triggerName,
    timezone: triggerName.optional(),
    catchUp: CatchUp.optional(),
    ...triggerInputs,
  }),
  z.strictObject({ webhook: triggerName, ...triggerInputs }),
  z.strictObject({ workflow: triggerName, on: z.enum(['succeeded', 'failed', 'any']).optional(), ...triggerInputs }),
  z.strictObject({
    agent: triggerName,
    status: z.union([AgentStatus, z.array(AgentStatus).min(1).max(10)]),
    ...triggerInputs,
  }),
  z.strictObject({ file: watchedPath, ...triggerInputs }),
  z.strictObject({ git: watchedPath, branch: triggerName.optional(), ...triggerInputs }),
]);

/** What a start does while an execution of the same workflow is under way; `allow` when left out. */
export const Concurrency = z.enum(['allow', 'queue', 'skip', 'cancel_previous']);

export const WorkflowDocument = z.strictObject({
  pointsman: z.literal(1).optional(),
  name: text.optional(),
  description: text.optional(),
  metadata: z.record(z.string(), z.json()).optional(),
  inputs: z.record(Identifier, jsonSchemaSchema).optional(),
  workspace: z
    .strictObject({
      path: saidText,
      isolation: z.enum(['shared', 'worktree']).optional(),
      merge: z.enum(['sequential', 'none']).optional(),
    })
    .optional(),
  budget: z
    .strictObject({
      usd: z.number().positive().optional(),
      tokens: z.int().positive().optional(),
      duration: IsoDuration.optional(),
    })
    .optional(),
  nodes: z.array(WorkflowNode).min(1, 'A workflow needs at least one node.'),
  edges: z.array(WorkflowEdge).optional(),
  outputs: z.record(z.string(), expressionText).optional(),
  triggers: z.array(WorkflowTrigger).max(100).optional(),
  concurrency: Concurrency.optional(),
  layout: z.record(z.string(), pointSchema).optional(),
});

export type WorkflowDocument = z.infer<typeof WorkflowDocument>;
export type WorkflowNode = z.infer<typeof WorkflowNode>;
export type WorkflowEdge = z.infer<typeof WorkflowEdge>;
export type WorkflowTrigger = z.infer<typeof WorkflowTrigger>;
export type CatchUp = z.infer<typeof CatchUp>;
export type Concurrency = z.infer<typeof Concurrency>;
export type NodeType = WorkflowNode['type'];
export type EdgeOn = NonNullable<WorkflowEdge['on']>;
export type SubWorkflowConfig = z.infer<typeof SubWorkflowConfig>;
export type AgentSelector = z.infer<typeof AgentSelector>;
export type HttpConfig = z.infer<typeof HttpConfig>;
export type NotifyConfig = z.infer<typeof NotifyConfig>;
export type Retry = z.infer<typeof Retry>;
export type Join = z.infer<typeof Join>;

export const nodeTypes: readonly NodeType[] = [
  'agent',
  'shell',
  'http',
  'approval',
  'condition',
  'transform',
  'map',
  'wait',
  'workflow',
  'notify',
  'langgraph',
];

/** One thing to fix or to know about a document; `path` is a JSON Pointer, line and column start at 1. */
export type WorkflowProblem = Problem;

/** The JSON Schema (2020-12) of the document, for editors. */
export function workflowDocumentJsonSchema(): Record<string, unknown> {
  return {
    ...z.toJSONSchema(WorkflowDocument, { target: 'draft-2020-12', io: 'input' }),
    title: 'Pointsman workflow, version 1',
  };
}

/** The name people see: the document's, else the one in its metadata, else "Untitled". */
export function workflowName(document: Pick<WorkflowDocument, 'name' | 'metadata'>): string {
  const fromMetadata = document.metadata?.['name'];
  return document.name || (typeof fromMetadata === 'string' && fromMetadata) || 'Untitled';
}
