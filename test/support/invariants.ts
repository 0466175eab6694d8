/**
 * What must hold whatever has happened, read from the rows alone: after a crash, a simulation, a database that went away.
 * Each breach is a sentence with ids, and begins with the invariant's number.
 */
import { FINISHED_EXECUTION } from '../../src/contract/executions.ts';
import { FINISHED_TASK } from '../../src/contract/tasks.ts';
import type { ExecutionState, NodeResult } from '../../src/domain/settle/execution-state.ts';
import { shelfEntries } from '../../src/domain/settle/shelf.ts';
import { canonical, payloadHash } from '../../src/engine/payload-hash.ts';
import type { Change } from '../../src/ports/checkpoints.ts';
import { applyChange } from '../simulator/store/checkpoint-room.ts';

/** As the ports name them: moments as ISO text, absent as null or undefined. */
export type Row = Readonly<Record<string, any>>;

export interface Rows {
  executions: Row[];
  steps: Row[];
  effects: Row[];
  mailbox: Row[];
  timers: Row[];
  inboxItems: Row[];
  checkpoints: Row[];
  tasks: Row[];
  topics: Row[];
  events: Row[];
  audit: Row[];
}

export interface Witnessed {
  /** Executions that somebody was told are begun. */
  accepted?: readonly string[];
  /** Answers that somebody was told are taken. */
  answered?: readonly { itemId: string; decision: string }[];
  /** How often the command of a step really began, by `execution:attempt key`. */
  begun?: ReadonlyMap<string, number>;
  /** How often a task really reached its agent, by its id. */
  delivered?: ReadonlyMap<string, number>;
  /** Agents whose session exists. */
  sessions?: ReadonlySet<string>;
  /** Nothing is under way any more. */
  isSettled?: boolean;
}

const ENDED_STEP: ReadonlySet<string> = new Set(['succeeded', 'failed', 'skipped', 'cancelled']);

export function breachesOf(rows: Rows, witnessed: Witnessed = {}): string[] {
  const breaches: string[] = [];
  const byExecution = groupRows(rows);
  for (const id of witnessed.accepted ?? [])
    if (!rows.executions.some((row) => row['id'] === id)) breaches.push(`I1 execution ${id} was accepted and is gone`);
  for (const execution of rows.executions) {
    const own = byExecution(execution['id']);
    breaches.push(
      ...(isFinished(execution) ? endBreaches(execution, own) : standstills(execution, own)),
      ...attemptBreaches(execution, own),
      ...effectBreaches(execution, own),
      ...leaseBreaches(execution, witnessed),
      ...checkpointBreaches(execution, own),
    );
  }
  breaches.push(
    ...countBreaches(witnessed),
    ...taskBreaches(rows),
    ...eventBreaches(rows),
    ...answerBreaches(rows, witnessed),
    ...statusBreaches(rows),
  );
  return breaches;
}

type Own = Pick<Rows, 'steps' | 'effects' | 'mailbox' | 'timers' | 'inboxItems' | 'checkpoints' | 'tasks'>;

function groupRows(rows: Rows): (executionId: string) => Own {
  const of = (all: Row[], id: string, column = 'executionId') => all.filter((row) => row[column] === id);
  return (id) => ({
    steps: of(rows.steps, id).toSorted((a, b) => a['seq'] - b['seq']),
    effects: of(rows.effects, id),
    mailbox: of(rows.mailbox, id),
    timers: of(rows.timers, id),
    inboxItems: of(rows.inboxItems, id),
    checkpoints: of(rows.checkpoints, id, 'threadId')
      .filter((row) => row['namespace'] === '')
      .toSorted((a, b) => a['seq'] - b['seq']),
    tasks: of(rows.tasks, id),
  });
}

function isFinished({ status }: Row): boolean {
  return FINISHED_EXECUTION.includes(status);
}

/** I1: what has ended has ended wholly. */
function endBreaches(execution: Row, { steps, effects, timers, inboxItems }: Own): string[] {
  const { id, status, finishedAt, error } = execution;
  const open = [
    ...steps
      .filter((step) => !ENDED_STEP.has(step['status']) && !(step['status'] === 'unknown' && step['finishedAt']))
      .map((step) => `step ${step['id']} (${step['nodeId']}) is ${step['status']}`),
    ...effects.filter((row) => row['status'] !== 'done').map((row) => `effect ${row['key']} is ${row['status']}`),
    ...timers.map((row) => `timer ${row['timerId']} is set`),
    ...inboxItems.filter((row) => row['state'] === 'open').map((row) => `item ${row['id']} is open`),
  ];
  return [
    ...open.map((what) => `I1 execution ${id} is ${status}, and ${what}`),
    ...(finishedAt ? [] : [`I1 execution ${id} is ${status} without a time of its end`]),
    ...(status === 'failed' && !error ? [`I1 execution ${id} failed without an error`] : []),
  ];
}

/** I1: what has not ended can go on by something. */
function standstills(execution: Row, { steps, effects, mailbox, timers, inboxItems }: Own): string[] {
  const goesOn =
    execution['status'] === 'paused' ||
    mailbox.some((row) => !row['taken']) ||
    effects.some((row) => row['status'] !== 'done') ||
    inboxItems.some((row) => row['state'] === 'open') ||
    timers.length > 0 ||
    steps.some((step) => step['status'] === 'waiting' && step['input']?.event !== undefined);
  return goesOn ? [] : [`I1 execution ${execution['id']} is ${execution['status']} and nothing can move it`];
}

/** I2 and I9: attempts of a visit are numbered without a gap, none is there twice, and only the last may be open. */
function attemptBreaches(execution: Row, { steps }: Own): string[] {
  const nested = (execution['document']?.nodes ?? []) as { id: string; config?: { node?: { type: string } } }[];
  const nestedMaps = new Set(nested.filter(({ config }) => config?.node?.type === 'map').map(({ id }) => id));
  const visits = new Map<string, Row[]>();
  for (const step of steps) {
    const visit = `${step['nodeId']}:${step['iteration']}:${step['item']?.index ?? '-'}`;
    visits.set(visit, [...(visits.get(visit) ?? []), step]);
  }
  return [...visits].flatMap(([visit, attempts]) => {
    const about = `${execution['id']} ${visit}`;
    const numbers = attempts.map((step) => step['attempt'] as number);
    // Items of nested maps share the index of the inner one; what is taken over begins where the other one was.
    if (attempts.some((step) => step['carriedFrom'] || nestedMaps.has(step['nodeId']))) return [];
    const wrong = numbers.some((attempt, index) => index > 0 && attempt !== (numbers[index - 1] ?? 0) + 1);
    return [
      ...(wrong ? [`I2 attempts of ${about} are ${numbers.join(', ')}`] : []),
      ...attempts
        .slice(0, -1)
        .filter((step) => !ENDED_STEP.has(step['status']) && step['status'] !== 'unknown')
        .map((step) => `I9 attempt ${step['attempt']} of ${about} is ${step['status']} while a later one exists`),
    ];
  });
}

/** I2: every effect has its step, and an outcome that nobody knows was shown to a person or judged by `retry`. */
function effectBreaches(execution: Row, { steps, effects, inboxItems }: Own): string[] {
  const ids = new Set(steps.map((step) => step['id'] as string));
  const lost = effects.filter((row) => row['kind'] !== 'merge' && !ids.has(row['payload']?.step?.id));
  const hidden = steps.filter(
    (step) =>
      step['status'] === 'unknown' &&
      !inboxItems.some((item) => item['type'] === 'failure' && item['stepId'] === step['id']) &&
      !steps.some((other) => other['nodeId'] === step['nodeId'] && other['attempt'] === step['attempt'] + 1) &&
      execution['status'] !== 'cancelled' &&
      !step['finishedAt'],
  );
  return [
    ...lost.map((row) => `I2 effect ${row['key']} of ${execution['id']} has no step`),
    ...hidden.map(
      (step) => `I2 nobody was shown that the outcome of step ${step['id']} (${step['nodeId']}) is not known`,
    ),
  ];
}

/** I6: who committed held a lease, and who has ended holds none. */
function leaseBreaches(execution: Row, { isSettled }: Witnessed): string[] {
  const { id, leaseEpoch, leaseOwner, startedAt } = execution;
  return [
    ...(startedAt && !(leaseEpoch > 0) ? [`I6 execution ${id} was advanced without a lease`] : []),
    ...(isSettled && isFinished(execution) && leaseOwner && !execution['leaseExpiresAt']
      ? [`I6 execution ${id} is held by ${leaseOwner} without an end`]
      : []),
  ];
}

/** I10: checkpoints are one line, and the newest says what the rows say. */
function checkpointBreaches(execution: Row, { steps, checkpoints }: Own): string[] {
  const { id } = execution;
  const breaches: string[] = [];
  let values: unknown = {};
  checkpoints.forEach((row, index) => {
    const before = checkpoints[index - 1];
    // Until its first visit is committed an execution begins anew.
    const begins = row['parentId'] === null && checkpoints.slice(0, index).every((one) => one['parentId'] === null);
    if (!begins && row['parentId'] !== before?.['checkpointId'])
      breaches.push(`I10 checkpoint ${row['checkpointId']} of ${id} does not follow the one before it`);
    values = applyChange(row['complete'] ? {} : values, row['changes'] as Change);
  });
  const { state } = values as { state?: ExecutionState };
  if (!state) return breaches;
  if (state.status !== execution['status'])
    breaches.push(`I10 execution ${id} is ${execution['status']}, and ${state.status} in its newest checkpoint`);
  if (execution['status'] === 'succeeded' && canonical(state.outputs ?? {}) !== canonical(execution['outputs'] ?? {}))
    breaches.push(`I10 the outputs of ${id} are not those of its newest checkpoint`);
  for (const [nodeId, { result }] of shelfEntries(state.nodes)) {
    const last = steps.findLast(
      (step) => step['nodeId'] === nodeId && step['iteration'] === result?.iteration && !step['item'],
    );
    if (result && !tells(last, result))
      breaches.push(
        `I10 node ${nodeId} of ${id} is ${result.status} in the newest checkpoint, its step is ${last?.['status']}`,
      );
  }
  return breaches;
}

/** A node that was told to stop is cancelled, however its last attempt ended. */
function tells(step: Row | undefined, { status }: NodeResult): boolean {
  if (!step) return false;
  return status === 'cancelled' || step['status'] === status || (status === 'failed' && step['status'] === 'unknown');
}

/** I2 and I3: what has an effect outside happened once at most. */
function countBreaches({ begun, delivered }: Witnessed): string[] {
  const many = (counts: ReadonlyMap<string, number> | undefined) =>
    [...(counts ?? [])].filter(([, count]) => count > 1);
  return [
    ...many(begun).map(([key, count]) => `I2 the command of ${key} began ${count} times`),
    ...many(delivered).map(([id, count]) => `I3 task ${id} was delivered ${count} times`),
  ];
}

function taskBreaches({ tasks, effects }: Rows): string[] {
  const seen = new Set<string>();
  return tasks.flatMap((task) => {
    const { id, executionId, effectKey, status, finishedAt } = task;
    const effect = `${executionId} ${effectKey}`;
    const isTwice = effectKey && seen.has(effect);
    seen.add(effect);
    const row = effects.find((one) => one['executionId'] === executionId && one['key'] === effectKey);
    const ended = FINISHED_TASK.includes(status);
    return [
      ...(isTwice ? [`I3 effect ${effect} has a second task ${id}`] : []),
      ...(ended !== Boolean(finishedAt) ? [`I9 task ${id} is ${status}, its end ${finishedAt}`] : []),
      ...(row && ended !== (row['status'] === 'done')
        ? [`I3 task ${id} is ${status}, its effect ${row['status']}`]
        : []),
    ];
  });
}

/** I4: each topic is numbered without a gap, up to the number it says. */
function eventBreaches({ topics, events }: Rows): string[] {
  const numbers = new Map<string, number[]>();
  for (const { topic, seq } of events as { topic: string; seq: number }[])
    numbers.set(topic, [...(numbers.get(topic) ?? []), seq]);
  return topics.flatMap(({ topic, seq: newest }) => {
    const found = (numbers.get(topic) ?? []).toSorted((a, b) => a - b);
    const gap = found.find((seq, index) => index > 0 && seq !== (found[index - 1] ?? 0) + 1);
    return [
      ...(gap === undefined ? [] : [`I4 event ${gap} of ${topic} does not follow the one before it`]),
      ...(found.length > 0 && found.at(-1) !== newest
        ? [`I4 ${topic} says ${newest}, its last event is ${found.at(-1)}`]
        : []),
    ];
  });
}

/** I7 and I5: an answer counts once, for what was shown, and stands in the audit. */
function answerBreaches({ inboxItems, audit, mailbox, steps }: Rows, { answered }: Witnessed): string[] {
  const about = inboxItems.flatMap((item) => {
    const { id, state, type, resolution, hash, payload, effectKey, executionId } = item;
    const lines = audit.filter((line) => line['action'] === 'inbox.resolve' && line['subject'] === id);
    const letters = mailbox.filter(
      ({ executionId: to, event }) =>
        to === executionId && event?.type === 'approval_answered' && event.key === effectKey && effectKey,
    );
    const step = steps.find((one) => one['id'] === item['stepId']);
    const said = step?.['output']?.decision as string | undefined;
    return [
      ...(payloadHash(payload) === hash ? [] : [`I7 item ${id} does not hold what its hash says`]),
      ...(state === 'resolved' && lines.length !== 1
        ? [`I5 item ${id} was answered, and the audit says so ${lines.length} times`]
        : []),
      ...(state !== 'resolved' && lines.length > 0 && state !== 'withdrawn'
        ? [`I5 item ${id} is ${state}, and the audit says that it was answered`]
        : []),
      ...(lines.length === 1 &&
      state === 'resolved' &&
      (lines[0]?.['detail']?.hash !== hash || lines[0]?.['detail']?.decision !== resolution?.decision)
        ? [`I7 item ${id} was answered for something else than was shown`]
        : []),
      ...(type === 'approval' && letters.length > (state === 'resolved' ? 1 : 0)
        ? [`I7 the answer to item ${id}, which is ${state}, was posted ${letters.length} times`]
        : []),
      ...(type === 'approval' && state === 'resolved' && said !== undefined && said !== resolution?.decision
        ? [`I7 item ${id} was answered ${resolution?.decision}, and its step says ${said}`]
        : []),
    ];
  });
  const lost = (answered ?? []).filter(({ itemId, decision }) => {
    const item = inboxItems.find((row) => row['id'] === itemId);
    return item?.['state'] !== 'resolved' || item['resolution']?.decision !== decision;
  });
  return [
    ...about,
    ...lost.map(({ itemId, decision }) => `I7 the answer ${decision} to ${itemId} was taken and is lost`),
  ];
}

/** I9: what was announced never goes back from an end. */
function statusBreaches({ events }: Rows): string[] {
  const ends = new Map<string, string>();
  const breaches: string[] = [];
  for (const { topic, event, data } of events.toSorted((a, b) =>
    a['topic'] < b['topic'] ? -1 : a['topic'] > b['topic'] ? 1 : a['seq'] - b['seq'],
  )) {
    if (!topic.startsWith('execution:') || (event !== 'step.changed' && event !== 'execution.changed')) continue;
    const { id, status } = data as { id: string; status: string };
    const before = ends.get(`${topic} ${id}`);
    if (before && before !== status) breaches.push(`I9 ${event} of ${id} went from ${before} to ${status}`);
    if (ENDED_STEP.has(status)) ends.set(`${topic} ${id}`, status);
  }
  return breaches;
}
