/**
 * Executions as traces of LangSmith: one trace for each, with a run for every attempt of a drawn node, by its name. What
 * a run is called and when it began is in the ids, so a server that starts again goes on with the traces it finds.
 */
import type { Client } from 'langsmith';
import type { StepError } from '../../contract/executions.ts';
import type { ExecutionRecord } from '../../ports/store/executions.ts';
import { noLongerThan } from '../../ports/no-longer-than.ts';
import type { Traces } from '../../ports/traces.ts';

export interface LangsmithTracesOptions {
  log: { warn(fields: object, message: string): void };
  /** For how long a server that stops waits for what is not sent yet. */
  closeWithinMs?: number;
}

type Finished = { end_time?: number; outputs?: Record<string, unknown>; error?: string };

export async function createLangsmithTraces({ log, closeWithinMs = 3_000 }: LangsmithTracesOptions): Promise<Traces> {
  const { Client: LangsmithClient, getDefaultProjectName } = await import('langsmith');
  const client: Client = new LangsmithClient();
  // Left out, it is the default one, or wherever else the variables of LangSmith send runs to.
  const project = getDefaultProjectName();
  const isNamed = project !== 'default';
  const since = Date.now();
  /** Runs that were told of and have not ended. */
  const open = new Set<string>();

  function tell(run: {
    id: string;
    name: string;
    place: string;
    parent?: string;
    inputs: Record<string, unknown>;
    metadata: Record<string, unknown>;
    finished: Finished;
  }): void {
    const { id, name, place, parent, inputs, metadata, finished } = run;
    const common = {
      trace_id: traceOf(place),
      dotted_order: place,
      ...(parent === undefined ? {} : { parent_run_id: parent }),
      ...finished,
    };
    // One that began before this server did was told of by the one before.
    const isNew = !open.has(id) && timeOf(id) >= since;
    if (finished.end_time === undefined) open.add(id);
    else open.delete(id);
    const sent = isNew
      ? client.createRun({
          id,
          name,
          run_type: 'chain',
          start_time: timeOf(id),
          inputs,
          extra: { metadata },
          ...(isNamed ? { project_name: project } : {}),
          ...common,
        })
      : finished.end_time === undefined
        ? Promise.resolve()
        : client.updateRun(id, { ...common, ...(isNamed ? { session_name: project } : {}) });
    sent.catch((error: unknown) => log.warn({ error }, 'a trace could not be sent'));
  }

  return {
    changed(execution, steps) {
      if (execution.startedAt === null) return;
      const place = placeOf(execution.id);
      const { workflowId, version } = execution;
      if (!open.has(execution.id) || execution.finishedAt !== null)
        tell({
          id: execution.id,
          name: execution.name,
          place,
          inputs: execution.inputs,
          metadata: { execution: execution.id, workflow: workflowId, version, ...above(execution) },
          finished: endOf({ ...execution, output: execution.outputs }),
        });
      const names = namesIn(execution.document);
      for (const step of steps) {
        // Skipped, or taken over from another execution.
        if (step.startedAt === undefined || step.carriedFrom !== undefined) continue;
        if (open.has(step.id) && step.finishedAt === undefined) continue;
        const { id, nodeId, iteration, attempt, item, status } = step;
        tell({
          id,
          name: names.get(nodeId) ?? nodeId,
          place: `${place}.${placeOf(id)}`,
          parent: execution.id,
          inputs: wrapped(step.input),
          metadata: { node: nodeId, iteration, attempt, status, ...(item ? { item: item.index } : {}) },
          finished: endOf(step),
        });
      }
    },
    placeOf: (executionId, stepId) => `${placeOf(executionId)}.${placeOf(stepId)}`,
    async close() {
      await noLongerThan(closeWithinMs, client.awaitPendingTraceBatches()).catch(() => undefined);
    },
  };
}

/** LangSmith orders runs by text: when they began, and which they are. */
function placeOf(id: string): string {
  return `${new Date(timeOf(id)).toISOString().replaceAll(/[-:.]/g, '').slice(0, -1)}000Z${id}`;
}

function traceOf(place: string): string {
  return place.slice(place.indexOf('Z') + 1).split('.')[0] ?? '';
}

/** Our ids begin with the millisecond they were made in. */
function timeOf(id: string): number {
  return Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
}

function endOf(it: { error?: StepError | null; output?: unknown; finishedAt?: string | null }): Finished {
  if (it.finishedAt === undefined || it.finishedAt === null) return {};
  return {
    end_time: Date.parse(it.finishedAt),
    ...(it.output === undefined || it.output === null ? {} : { outputs: wrapped(it.output) }),
    ...(it.error ? { error: `${it.error.code}: ${it.error.message}` } : {}),
  };
}

function above({ parent }: ExecutionRecord): Record<string, unknown> {
  return parent === null ? {} : { parentExecution: parent.executionId, parentStep: parent.stepId };
}

/** A run's inputs and outputs are maps. */
function wrapped(value: unknown): Record<string, unknown> {
  if (value === undefined) return {};
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : { value };
}

function namesIn(document: Record<string, unknown>): Map<string, string> {
  const nodes = Array.isArray(document['nodes']) ? (document['nodes'] as { id: string; name?: string }[]) : [];
  return new Map(nodes.map(({ id, name }) => [id, name ?? id]));
}
