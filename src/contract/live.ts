/** Frames of the two WebSockets: numbered events by topic, and the control frames of a terminal. */
import { z } from 'zod';
import { Timestamp } from './identifiers.ts';

export const Topic = z
  .string()
  .max(260)
  .regex(
    /^(agents|workflows|executions|inbox|system|agent:[0-9a-f-]{36}|execution:[0-9a-f-]{36}|state:[A-Za-z0-9][A-Za-z0-9._-]{0,199})$/,
    'is not a topic',
  );

export const UpdatesClientFrame = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('subscribe'), topic: Topic, since: z.number().int().min(0).optional() }),
  z.strictObject({ type: z.literal('unsubscribe'), topic: Topic }),
]);
export type UpdatesClientFrame = z.infer<typeof UpdatesClientFrame>;

export const UpdatesServerFrame = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('snapshot'), topic: z.string(), seq: z.number().int(), data: z.unknown() }),
  z.strictObject({
    type: z.literal('event'),
    topic: z.string(),
    seq: z.number().int(),
    at: Timestamp,
    event: z.string(),
    data: z.unknown(),
  }),
  z.strictObject({ type: z.literal('unsubscribed'), topic: z.string() }),
  z.strictObject({ type: z.literal('error'), topic: z.string().optional(), code: z.string(), detail: z.string() }),
]);
export type UpdatesServerFrame = z.infer<typeof UpdatesServerFrame>;

/**
 * Events by topic, with the shape of `data`; a snapshot's `data` in brackets:
 * - `agents` [Agent[]]: `agent.created|changed` Agent, `agent.deleted` {id}, `agents.measured` [{id, cpu, memory}]
 * - `agent:ID` [{agent, tasks: Task[] (newest 20), progress: TaskProgress[]}]: `agent.changed`, `task.changed` Task, `task.progress` TaskProgress,
 *   `seat.changed`
 * - `workflows` [Workflow[]]: `workflow.created|changed` Workflow, `workflow.deleted` {id}
 * - `executions` [Execution[] newest 50 without steps]: `execution.created|changed` Execution without steps,
 *   `executions.deleted` {ids}
 * - `execution:ID` [Execution with progress: TaskProgress[]; null once it is deleted]: `execution.changed` Execution without steps, `step.changed` Step, `task.progress` TaskProgress,
 *   `log.appended` {lines: ExecutionLogLine[]}
 * - `inbox` [InboxItem[] open]: `inbox.opened|closed` InboxItem
 * - `state:NS` [NamedStateEntry[]]: `state.changed` NamedStateEntry, `state.deleted` {key}
 * - `system` [{version, startedAt, incidents: IncidentSummary[] open}]: `incident.changed` IncidentSummary
 */
export const EVENT_NAMES = [
  'agent.created',
  'agent.changed',
  'agent.deleted',
  'agents.measured',
  'seat.changed',
  'task.changed',
  'task.progress',
  'workflow.created',
  'workflow.changed',
  'workflow.deleted',
  'execution.created',
  'execution.changed',
  'executions.deleted',
  'step.changed',
  'log.appended',
  'inbox.opened',
  'inbox.closed',
  'state.changed',
  'state.deleted',
  'incident.changed',
] as const;
export type EventName = (typeof EVENT_NAMES)[number];

/** Text frames a terminal client may send; binary frames are keystrokes. */
export const TerminalClientFrame = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('seat'), action: z.enum(['take', 'give']), force: z.boolean().optional() }),
  z.strictObject({
    type: z.literal('resize'),
    cols: z.number().int().min(20).max(500),
    rows: z.number().int().min(5).max(200),
  }),
]);
export type TerminalClientFrame = z.infer<typeof TerminalClientFrame>;

/** Text frames of the server; binary frames are bytes of the screen, the first one a full repaint. */
export const TerminalServerFrame = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('resize'), cols: z.number().int(), rows: z.number().int() }),
  /** The next binary frame repaints the whole screen: forget what was shown. */
  z.strictObject({ type: z.literal('repaint') }),
  z.strictObject({
    type: z.literal('seat'),
    by: z.string().nullable(),
    yours: z.boolean(),
    observers: z.number().int(),
  }),
  z.strictObject({ type: z.literal('gap'), reason: z.string() }),
  z.strictObject({ type: z.literal('ended'), reason: z.string() }),
  z.strictObject({ type: z.literal('error'), code: z.string(), detail: z.string() }),
]);
export type TerminalServerFrame = z.infer<typeof TerminalServerFrame>;
