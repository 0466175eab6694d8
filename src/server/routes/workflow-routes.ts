/** REST of workflows and their versions. */
import type { FastifyInstance } from 'fastify';
import { PointsmanError } from '../../contract/errors.ts';
import { workflowDocumentJsonSchema, type WorkflowDocument } from '../../contract/workflow-document.ts';
import { compareVersions } from '../../domain/workflow/compare-versions.ts';
import { describeGraph } from '../../domain/workflow/describe-graph.ts';
import { checkDocument, createWorkflow, updateWorkflow, workflowView } from '../../engine/save-workflow.ts';
import type { WorkflowVersionRecord } from '../../ports/store/workflows.ts';
import { actorOf } from '../auth/principal.ts';
import { listPage } from '../http/list-page.ts';
import { registerRoute } from '../http/register-route.ts';
import type { Services } from '../services.ts';
import { requireCommands } from './execution-routes.ts';

export function workflowRoutes(app: FastifyInstance, { store, engine }: Services): void {
  registerRoute(app, store, 'listWorkflows', async ({ query, nextPage }) => {
    const page = await listPage(
      { query, nextPage },
      {
        read: (limit) => store.workflows.list({ limit, ...(query.cursor ? { before: query.cursor } : {}) }),
        cursorOf: (last) => last.workflow.id,
      },
    );
    return page.map(({ workflow, newest }) => workflowView(workflow, newest));
  });

  registerRoute(app, store, 'createWorkflow', async ({ body, query, principal, reply }) => {
    const workflow = await createWorkflow(engine, {
      source: body,
      draft: query.draft === 'true',
      note: query.note,
      by: actorOf(principal),
      allow: (document) => requireCommands(principal, document),
    });
    void reply.header('location', `/api/workflows/${workflow.id}`).header('etag', `"${workflow.version}"`);
    return workflow;
  });

  registerRoute(app, store, 'validateWorkflow', async ({ body }) => {
    const { valid, problems } = await checkDocument(engine, body);
    return { valid, problems };
  });

  registerRoute(app, store, 'getWorkflow', async ({ params, reply }) => {
    const { workflow, newest } = await saved(params.id);
    void reply.header('etag', `"${workflow.version}"`);
    return workflowView(workflow, newest);
  });

  registerRoute(app, store, 'updateWorkflow', async ({ params, body, query, principal, ifMatch, reply }) => {
    const workflow = await updateWorkflow(engine, {
      id: params.id,
      expected: ifMatch,
      source: body,
      draft: query.draft === 'true',
      note: query.note,
      by: actorOf(principal),
      allow: (document) => requireCommands(principal, document),
    });
    void reply.header('etag', `"${workflow.version}"`);
    return workflow;
  });

  registerRoute(app, store, 'deleteWorkflow', async ({ params, principal }) => {
    await saved(params.id);
    if ((await store.executions.countOpen(params.id)) > 0) throw new PointsmanError('WORKFLOW_IN_USE');
    await store.transaction(async (transaction) => {
      await transaction.workflows.remove(params.id);
      await transaction.identity.audit({
        actor: principal.name,
        action: 'workflow.remove',
        subject: params.id,
        detail: {},
      });
      transaction.publish({ topic: 'workflows', event: 'workflow.deleted', data: { id: params.id } });
    });
    return undefined;
  });

  registerRoute(app, store, 'promoteWorkflow', async ({ params, body }) => {
    const { newest } = await saved(params.id);
    const version = await versionOf(params.id, body.version);
    if (version.draft) throw new PointsmanError('WORKFLOW_DRAFT', { problems: version.problems });
    return store.transaction(async (transaction) => {
      const workflow = await transaction.workflows.promote(params.id, body.version);
      if (!workflow) throw new PointsmanError('WORKFLOW_NOT_FOUND');
      const view = workflowView(workflow, newest);
      transaction.publish({ topic: 'workflows', event: 'workflow.changed', data: view });
      return view;
    });
  });

  registerRoute(app, store, 'listWorkflowVersions', async ({ params, query, nextPage }) => {
    await saved(params.id);
    const before = Number(query.cursor);
    const page = await listPage(
      { query, nextPage },
      {
        read: (limit) =>
          store.workflows.versions(params.id, {
            limit,
            ...(query.cursor && Number.isInteger(before) ? { before } : {}),
          }),
        cursorOf: (last) => String(last.version),
      },
    );
    return page.map(versionView);
  });

  registerRoute(app, store, 'getWorkflowVersion', async ({ params }) =>
    versionView(await versionOf(params.id, params.version)),
  );

  registerRoute(app, store, 'compareWorkflowVersions', async ({ params, query }) => {
    const { newest } = await saved(params.id);
    const to = query.to === undefined ? newest : await versionOf(params.id, query.to);
    const from = await versionOf(params.id, query.from ?? Math.max(1, to.version - 1));
    return compareVersions(from, to);
  });

  registerRoute(app, store, 'getWorkflowGraph', async ({ params, query }) => {
    const { newest } = await saved(params.id);
    const version = query.version === undefined ? newest : await versionOf(params.id, query.version);
    if (version.draft) throw new PointsmanError('WORKFLOW_DRAFT', { problems: version.problems });
    return describeGraph(version.document as unknown as WorkflowDocument);
  });

  registerRoute(app, store, 'getWorkflowSchema', async () => workflowDocumentJsonSchema());

  async function saved(id: string) {
    const workflow = await store.workflows.get(id);
    const newest = workflow ? await store.workflows.version(id, workflow.version) : null;
    if (!workflow || !newest) throw new PointsmanError('WORKFLOW_NOT_FOUND');
    return { workflow, newest };
  }

  async function versionOf(id: string, number: number): Promise<WorkflowVersionRecord> {
    const version = (await store.workflows.get(id)) ? await store.workflows.version(id, number) : null;
    if (!version) throw new PointsmanError('WORKFLOW_NOT_FOUND', { detail: `There is no version ${number} of it.` });
    return version;
  }
}

function versionView({ version, document, draft, createdAt, createdBy, note }: WorkflowVersionRecord) {
  return { version, document, draft, createdAt, createdBy, ...(note === null ? {} : { note }) };
}
