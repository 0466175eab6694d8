/** REST of workflows and their versions. */
import type { FastifyInstance } from 'fastify';
import { PointsmanError } from '../../contract/errors.ts';
import { workflowCasesJsonSchema } from '../../contract/workflow-cases.ts';
import { workflowDocumentJsonSchema, type WorkflowDocument } from '../../contract/workflow-document.ts';
import { importWorkflow } from '../../domain/import/import-workflow.ts';
import { compareVersions } from '../../domain/workflow/compare-versions.ts';
import { previewExpression } from '../../domain/expression/preview-expression.ts';
import { describeGraph } from '../../domain/workflow/describe-graph.ts';
import { checkDocument, createWorkflow, updateWorkflow, workflowView } from '../../engine/save-workflow.ts';
import { trustWorkflow } from '../../engine/trust-workflow.ts';
import { syncTriggers } from '../../engine/triggers/sync-triggers.ts';
import { trustView } from '../../engine/workflow-trust.ts';
import { executionView } from '../../ports/store/executions.ts';
import type { WorkflowVersionRecord } from '../../ports/store/workflows.ts';
import { actorOf } from '../auth/principal.ts';
import { listPage } from '../http/list-page.ts';
import { registerRoute } from '../http/register-route.ts';
import type { Services } from '../services.ts';
import { requireCommands } from './execution-routes.ts';

export function workflowRoutes(app: FastifyInstance, { store, engine, graphs }: Services): void {
  registerRoute(app, store, 'listGraphs', async () => graphs.list());

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

  registerRoute(app, store, 'previewExpression', async ({ body }) => {
    if (body.executionId === undefined) return previewExpression(body, null);
    const execution = await store.executions.get(body.executionId);
    if (!execution) throw new PointsmanError('EXECUTION_NOT_FOUND');
    return previewExpression(body, executionView(execution, await store.executions.steps(body.executionId)));
  });

  registerRoute(app, store, 'importWorkflow', async ({ body, query, principal }) => {
    const found = importWorkflow(body, { name: query.name });
    if (found.outcome === 'unreadable') throw new PointsmanError('IMPORT_UNREADABLE', { detail: found.why });
    const { format, document, report } = found;
    if (query.save !== 'true') {
      const { valid, problems } = await checkDocument(engine, document);
      return { format, document, report, valid, problems };
    }
    const workflow = await createWorkflow(engine, {
      source: document,
      draft: true,
      note: `Imported from ${format}`,
      by: actorOf(principal),
      importedFrom: format,
      // Whoever has the right to commands allows it before anybody executes it.
      allow: () => undefined,
    });
    return { format, document, report, valid: !workflow.draft, problems: workflow.problems, workflow };
  });

  registerRoute(app, store, 'getWorkflowTrust', async ({ params, query }) => {
    const { workflow, newest } = await saved(params.id);
    return trustView(workflow, query.version === undefined ? newest : await versionOf(params.id, query.version));
  });

  registerRoute(app, store, 'trustWorkflow', async ({ params, query, body, principal }) => {
    const { workflow, newest } = await saved(params.id);
    const version = query.version === undefined ? newest : await versionOf(params.id, query.version);
    const trusted = await trustWorkflow(engine, {
      workflow,
      version,
      newest,
      hash: body.hash,
      by: actorOf(principal),
    });
    return trustView(trusted, version);
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
      await transaction.triggers.removeOf(params.id);
      transaction.notify({ channel: 'triggers', key: params.id });
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
      const { triggers } = version.document as unknown as WorkflowDocument; // not a draft, so it is one
      await syncTriggers(engine, transaction, { workflowId: params.id, triggers });
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

  registerRoute(app, store, 'getWorkflowCasesSchema', async () => workflowCasesJsonSchema());

  async function saved(id: string) {
    const found = await store.workflows.withVersion(id, 'newest');
    if (!found?.version) throw new PointsmanError('WORKFLOW_NOT_FOUND');
    return { workflow: found.workflow, newest: found.version };
  }

  async function versionOf(id: string, number: number): Promise<WorkflowVersionRecord> {
    const version = (await store.workflows.withVersion(id, number))?.version;
    if (!version) throw new PointsmanError('WORKFLOW_NOT_FOUND', { detail: `There is no version ${number} of it.` });
    return version;
  }
}

function versionView({ version, document, draft, createdAt, createdBy, note }: WorkflowVersionRecord) {
  return { version, document, draft, createdAt, createdBy, ...(note === null ? {} : { note }) };
}
