/** REST of executions. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { PointsmanError } from '../../contract/errors.ts';
import type { WorkflowDocument } from '../../contract/workflow-document.ts';
import { compareExecutions } from '../../domain/compare-executions.ts';
import { commandsOf } from '../../domain/access.ts';
import { describeGraph } from '../../domain/workflow/describe-graph.ts';
import { type Control, controlExecution } from '../../engine/control-execution.ts';
import { forkExecution } from '../../engine/fork-execution.ts';
import { retryExecution } from '../../engine/retry-execution.ts';
import { requireValid } from '../../engine/save-workflow.ts';
import { startExecution } from '../../engine/start-execution.ts';
import { type ExecutionRecord, executionView } from '../../ports/store/executions.ts';
import { actorOf, may, type Principal } from '../auth/principal.ts';
import { listPage } from '../http/list-page.ts';
import { registerRoute } from '../http/register-route.ts';
import type { Services } from '../services.ts';

export function executionRoutes(app: FastifyInstance, services: Services): void {
  const { store, engine } = services;

  registerRoute(app, store, 'executeWorkflow', async ({ params, body, principal }) => {
    const workflow = await store.workflows.get(params.id);
    if (!workflow) throw new PointsmanError('WORKFLOW_NOT_FOUND');
    const number = body.version ?? workflow.liveVersion;
    if (number === null) throw new PointsmanError('WORKFLOW_DRAFT');
    const document = await savedVersion(params.id, number);
    return startExecution(engine, {
      workflowId: workflow.id,
      version: number,
      document,
      inputs: body.inputs ?? {},
      by: actorOf(principal),
    });
  });

  registerRoute(app, store, 'executeInline', async ({ body, principal }) => {
    const document = await requireValid(engine, body.workflow);
    requireCommands(principal, document);
    return startExecution(engine, {
      workflowId: null,
      version: 0,
      document,
      inputs: body.inputs ?? {},
      by: actorOf(principal),
    });
  });

  registerRoute(app, store, 'listExecutions', async ({ query, nextPage }) => {
    const filter = {
      ...(query.workflow ? { workflowId: query.workflow } : {}),
      ...(query.status ? { status: query.status } : {}),
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

  registerRoute(app, store, 'getExecution', async ({ params }) =>
    executionView(await execution(params.id), await store.executions.steps(params.id)),
  );

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
    return store.executions.logs(params.id, { after: query.after ?? 0, limit: query.limit ?? 500 });
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
    const { workflowId } = before;
    if (version !== undefined && workflowId === null) {
      const message = 'It was executed from a document that is not saved, so it has no versions.';
      const problem = { path: '/version', code: 'NO_VERSIONS', message, severity: 'error' as const };
      throw new PointsmanError('INVALID_REQUEST', { detail: message, problems: [problem] });
    }
    return retryExecution(engine, {
      execution: before,
      fromNode,
      ...(version === undefined || workflowId === null
        ? {}
        : { on: { version, document: await savedVersion(workflowId, version) } }),
      by: actorOf(principal),
    });
  });

  registerRoute(app, store, 'forkExecution', async ({ params, body, principal }) =>
    forkExecution(engine, { ...body, execution: await mayRepeat(params.id, principal), by: actorOf(principal) }),
  );

  registerRoute(app, store, 'signalExecution', async ({ params, body, principal }) => {
    await controlExecution(
      engine,
      params.id,
      { type: 'signal', name: body.name, data: body.data ?? null },
      actorOf(principal),
    );
    return executionView(await execution(params.id), await store.executions.steps(params.id));
  });

  app.get<{ Params: { id: string } }>(
    '/api/executions/:id/events',
    { config: { permission: 'read' } },
    (request, reply) => streamEvents(services, request, reply),
  );

  /** A version that can be executed: an agent it names may be gone since it was saved. */
  async function savedVersion(workflowId: string, number: number): Promise<WorkflowDocument> {
    const version = await store.workflows.version(workflowId, number);
    if (!version) throw new PointsmanError('WORKFLOW_NOT_FOUND', { detail: `There is no version ${number} of it.` });
    if (version.draft) throw new PointsmanError('WORKFLOW_DRAFT', { problems: version.problems });
    return requireValid(engine, version.document);
  }

  /** To run a document again that is not saved takes what it took to run it. */
  async function mayRepeat(id: string, principal: Principal): Promise<ExecutionRecord> {
    const record = await execution(id);
    if (record.workflowId === null) requireCommands(principal, record.document as unknown as WorkflowDocument);
    return record;
  }

  async function execution(id: string) {
    const found = /^[0-9a-f-]{36}$/.test(id) ? await store.executions.get(id) : null;
    if (!found) throw new PointsmanError('EXECUTION_NOT_FOUND');
    return found;
  }
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
