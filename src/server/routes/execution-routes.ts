/** REST of executions. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { PointsmanError } from '../../contract/errors.ts';
import type { Execution, ExecutionFilter, ExecutionStatus } from '../../contract/executions.ts';
import type { WorkflowDocument } from '../../contract/workflow-document.ts';
import { compareExecutions } from '../../domain/compare-executions.ts';
import { commandsOf } from '../../domain/access.ts';
import { describeGraph } from '../../domain/workflow/describe-graph.ts';
import { awaitEnd } from '../../engine/await-end.ts';
import { type Control, controlExecution } from '../../engine/control-execution.ts';
import { forkExecution } from '../../engine/fork-execution.ts';
import { retryExecution } from '../../engine/retry-execution.ts';
import { replayExecution } from '../../engine/replay-execution.ts';
import { requireValid } from '../../engine/save-workflow.ts';
import { retryExecutions } from '../../engine/retry-executions.ts';
import { savedVersion } from '../../engine/saved-version.ts';
import { startExecution, type Started } from '../../engine/start-execution.ts';
import { type ExecutionQuery, type ExecutionRecord, executionView } from '../../ports/store/executions.ts';
import { actorOf, may, type Principal } from '../auth/principal.ts';
import { listPage } from '../http/list-page.ts';
import { registerRoute } from '../http/register-route.ts';
import type { Services } from '../services.ts';
import { LOG_PAGE, logTextRoute } from './log-text-route.ts';

export function executionRoutes(app: FastifyInstance, services: Services): void {
  const { store, engine } = services;

  registerRoute(app, store, 'executeWorkflow', async ({ params, query, body, principal, reply }) => {
    const started = await startExecution(engine, {
      ...(await savedVersion(engine, { workflowId: params.id, version: body.version })),
      inputs: body.inputs ?? {},
      pinned: body.pinned,
      by: actorOf(principal),
    });
    return answered(started, { query, reply });
  });

  registerRoute(app, store, 'executeInline', async ({ query, body, principal, reply }) => {
    const started = await startExecution(engine, {
      ...(await inlineVersion(body.workflow, principal)),
      inputs: body.inputs ?? {},
      pinned: body.pinned,
      by: actorOf(principal),
    });
    return answered(started, { query, reply });
  });

  registerRoute(app, store, 'listExecutions', async ({ query, nextPage }) => {
    const filter = {
      ...queryOf(query),
      ...(query.parent ? { parent: query.parent === 'none' ? null : query.parent } : {}),
    };
    const page = await listPage(
      { query, nextPage },
      {
        read: (limit) =>
          store.executions.list(filter, {
            limit,
            ...(query.cursor ? { before: query.cursor } : {}),
          }),
        cursorOf: (last) => last.id,
      },
    );
    return page.map((record) => executionView(record, []));
  });

  registerRoute(app, store, 'getExecution', async ({ params, query, reply }) => {
    const found = await execution(params.id);
    const view = executionView(found, await store.executions.steps(params.id));
    return found.finishedAt === null ? ended(view, { query, reply }) : view;
  });

  registerRoute(app, store, 'compareExecutions', async ({ params, query }) => {
    const one = await execution(params.id);
    const otherId = query.with ?? one.origin?.executionId;
    if (otherId === undefined)
      throw new PointsmanError('INVALID_REQUEST', {
        detail: 'It goes on from no other execution; name the one to compare it with.',
        problems: [{ path: '/with', code: 'MISSING_FIELD', message: 'Name an execution.', severity: 'error' }],
      });
    const other = await execution(otherId);
    const view = async (record: ExecutionRecord) => executionView(record, await store.executions.steps(record.id));
    // Without a name the older one comes first, as what it was before.
    return query.with === undefined
      ? compareExecutions(await view(other), await view(one))
      : compareExecutions(await view(one), await view(other));
  });

  registerRoute(app, store, 'getExecutionGraph', async ({ params }) =>
    describeGraph((await execution(params.id)).document as unknown as WorkflowDocument),
  );

  registerRoute(app, store, 'getExecutionLogs', async ({ params, query }) => {
    await execution(params.id);
    return store.executions.logs(params.id, { ...defined(query), limit: query.limit ?? 500 });
  });

  registerRoute(app, store, 'getExecutionLogOutline', async ({ params, query }) => {
    await execution(params.id);
    return store.executions.logOutline(params.id, { ...defined(query), every: LOG_PAGE });
  });

  registerRoute(app, store, 'listCheckpoints', async ({ params, query, nextPage }) => {
    await execution(params.id);
    const before = Number(query.cursor);
    const page = await listPage(
      { query, nextPage },
      {
        read: (limit) =>
          store.executions.checkpoints(params.id, {
            limit,
            ...(Number.isInteger(before) && query.cursor ? { before } : {}),
          }),
        cursorOf: (last) => String(last.seq),
      },
    );
    return page;
  });

  const control = (name: 'cancelExecution' | 'pauseExecution' | 'resumeExecution', what: Control) =>
    registerRoute(app, store, name, async ({ params, principal }) => {
      await controlExecution(engine, params.id, what, actorOf(principal));
      return executionView(await execution(params.id), await store.executions.steps(params.id));
    });
  control('cancelExecution', { type: 'cancel' });
  control('pauseExecution', { type: 'pause' });
  control('resumeExecution', { type: 'resume' });

  registerRoute(app, store, 'retryExecution', async ({ params, body, principal }) => {
    const before = await mayRepeat(params.id, principal);
    const { fromNode, version } = body;
    return retryExecution(engine, {
      execution: before,
      fromNode,
      ...(version === undefined ? {} : { on: await versionOf(before, version) }),
      by: actorOf(principal),
    });
  });

  registerRoute(app, store, 'retryExecutions', async ({ body: { ids, filter, limit = 50 }, principal }) => {
    const found = ids ?? (await newestFailed(filter ?? {}, limit));
    return retryExecutions(engine, { ids: [...new Set(found)], by: actorOf(principal), allow: allowRepeat(principal) });
  });

  registerRoute(app, store, 'forkExecution', async ({ params, body, principal }) =>
    forkExecution(engine, { ...body, execution: await mayRepeat(params.id, principal), by: actorOf(principal) }),
  );

  registerRoute(app, store, 'replayExecution', async ({ params, body, principal }) => {
    const { version, workflow, pinned = {} } = body;
    const past = await execution(params.id);
    const on = version === undefined ? await inlineVersion(workflow, principal) : await versionOf(past, version);
    return replayExecution(engine, { execution: past, on, pinned, by: actorOf(principal) });
  });

  registerRoute(app, store, 'signalExecution', async ({ params, body, principal }) => {
    await controlExecution(
      engine,
      params.id,
      { type: 'signal', name: body.name, data: body.data ?? null },
      actorOf(principal),
    );
    return executionView(await execution(params.id), await store.executions.steps(params.id));
  });

  logTextRoute(app, services);

  app.get<{ Params: { id: string } }>(
    '/api/executions/:id/events',
    { config: { permission: 'read' } },
    (request, reply) => streamEvents(services, request, reply),
  );

  /** As it was accepted, or as it is once it has ended, if the request wants to wait for that. */
  async function answered(started: Started, request: Parameters<typeof ended>[1]): Promise<Execution> {
    const waits = (request.query.wait ?? 0) > 0;
    return waits && started.ended ? started.ended : ended(started.execution, request);
  }

  /** As it is once it has ended, if the request wants to wait for that and it does in time. */
  async function ended(
    view: Execution,
    { query: { wait = 0 }, reply }: { query: { wait?: number | undefined }; reply: FastifyReply },
  ): Promise<Execution> {
    if (wait === 0) return view;
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const signal = AbortSignal.any([gone.signal, services.closing.signal]);
    await awaitEnd(engine, view.id, { ms: wait * 1_000, signal });
    return executionView(await execution(view.id), await store.executions.steps(view.id));
  }

  async function inlineVersion(workflow: unknown, principal: Principal) {
    const document = await requireValid(engine, workflow);
    requireCommands(principal, document);
    return { workflowId: null, version: 0, document };
  }

  async function versionOf({ workflowId }: ExecutionRecord, version: number) {
    if (workflowId !== null) return savedVersion(engine, { workflowId, version });
    const message = 'It was executed from a document that is not saved, so it has no versions.';
    const problem = { path: '/version', code: 'NO_VERSIONS', message, severity: 'error' as const };
    throw new PointsmanError('INVALID_REQUEST', { detail: message, problems: [problem] });
  }

  /** To run a document again that is not saved takes what it took to run it. */
  async function mayRepeat(id: string, principal: Principal): Promise<ExecutionRecord> {
    const record = await execution(id);
    allowRepeat(principal)(record);
    return record;
  }

  /** What another execution has started is begun again by that one, and what was retried is not retried twice. */
  async function newestFailed(filter: ExecutionFilter, limit: number): Promise<string[]> {
    const query = { statuses: ['failed' as const], ...queryOf(filter), parent: null, notRetried: true as const };
    return (await store.executions.list(query, { limit })).map(({ id }) => id);
  }

  async function execution(id: string) {
    const found = /^[0-9a-f-]{36}$/.test(id) ? await store.executions.get(id) : null;
    if (!found) throw new PointsmanError('EXECUTION_NOT_FOUND');
    return found;
  }
}

type Defined<T> = { [P in keyof T]: Exclude<T[P], undefined> };

/** Without the fields that were not given. */
function defined<T extends object>(query: T): Defined<T> {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined)) as Defined<T>;
}

function queryOf({ workflow, status, search, startedAfter, startedBefore }: ExecutionFilter): ExecutionQuery {
  return {
    ...(workflow ? { workflowId: workflow } : {}),
    ...(status ? { statuses: status.split(',') as ExecutionStatus[] } : {}), // checked by the pattern of the filter
    ...(search ? { search } : {}),
    ...(startedAfter ? { startedAfter } : {}),
    ...(startedBefore ? { startedBefore } : {}),
  };
}

function allowRepeat(principal: Principal): (record: ExecutionRecord) => void {
  return ({ workflowId, document }) => {
    if (workflowId === null) requireCommands(principal, document as unknown as WorkflowDocument);
  };
}

export function requireCommands(principal: Principal, document: WorkflowDocument): void {
  const [reason] = commandsOf(document);
  if (reason && !may(principal, 'workflow.commands'))
    throw new PointsmanError('FORBIDDEN', {
      detail: `This document needs the permission “workflow.commands”: ${reason}.`,
    });
}

/** Server-sent events of one execution; ends with it. `Last-Event-ID` continues after that number. */
async function streamEvents(
  { store, bus, identity }: Services,
  request: FastifyRequest<{ Params: { id: string } }>,
  reply: FastifyReply,
): Promise<void> {
  const { id } = request.params;
  const record = /^[0-9a-f-]{36}$/.test(id) ? await store.executions.get(id) : null;
  if (!record) throw new PointsmanError('EXECUTION_NOT_FOUND');
  const topic = `execution:${id}`;
  let position = Number(request.headers['last-event-id'] ?? 0) || 0;
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, {
    ...headersOf(reply),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  let sending: Promise<void> = Promise.resolve();
  const send = () => (sending = sending.then(sendNews).catch(() => void raw.destroy()));
  const unsubscribe = bus.subscribe(
    (notice) => {
      if (notice.channel === 'events' && notice.key === topic) void send();
    },
    () => void send(),
  );
  const heartbeat = setInterval(() => {
    void (async () => {
      if (request.principal && !(await identity.stillHolds(request.principal))) raw.end();
      else if (!raw.writableEnded) raw.write(': still here\n\n');
    })().catch(() => raw.destroy());
  }, 1_000);
  raw.on('close', () => {
    clearInterval(heartbeat);
    unsubscribe();
  });
  await send();

  async function sendNews(): Promise<void> {
    const news = (await store.events.after(topic, position, 500)) ?? [];
    for (const event of news) {
      position = event.seq;
      if (raw.writableLength > 1_048_576) return void raw.destroy(); // too slow: it reconnects with Last-Event-ID
      raw.write(`id: ${event.seq}\nevent: ${event.event}\ndata: ${JSON.stringify(event.data)}\n\n`);
    }
    if (news.length === 500) return sendNews();
    const now = await store.executions.get(id);
    if (now?.finishedAt && (await store.events.seq(topic)) <= position) raw.end();
  }
}

function headersOf(reply: FastifyReply): Record<string, string> {
  return Object.fromEntries(Object.entries(reply.getHeaders()).map(([name, value]) => [name, String(value)]));
}
