/** REST of the rules that answer permission requests. */
import type { FastifyInstance } from 'fastify';
import { PointsmanError } from '../../contract/errors.ts';
import { listPage } from '../http/list-page.ts';
import { registerRoute } from '../http/register-route.ts';
import type { Services } from '../services.ts';

export function policyRoutes(app: FastifyInstance, { store, engine }: Services): void {
  registerRoute(app, store, 'listPolicies', async ({ query, nextPage }) =>
    listPage(
      { query, nextPage },
      {
        read: (limit) => store.policies.list({ limit, ...(query.cursor ? { after: query.cursor } : {}) }),
        cursorOf: (last) => last.id,
      },
    ),
  );

  registerRoute(app, store, 'createPolicy', async ({ body, principal }) => {
    if (body.agentId && !(await store.agents.get(body.agentId)))
      throw new PointsmanError('AGENT_NOT_FOUND', {
        problems: [
          { path: '/agentId', code: 'AGENT_NOT_FOUND', message: 'There is no such agent.', severity: 'error' },
        ],
      });
    const policy = {
      id: engine.ids.next(),
      ...(Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)) as typeof body),
      createdBy: principal.name,
      createdAt: engine.clock.now().toISOString(),
    };
    await store.transaction(async (transaction) => {
      await transaction.policies.insert(policy);
      await transaction.identity.audit({
        actor: principal.name,
        action: 'policy.create',
        subject: policy.id,
        detail: { ...body },
      });
    });
    return policy;
  });

  registerRoute(app, store, 'deletePolicy', async ({ params, principal }) => {
    await store.transaction(async (transaction) => {
      if (!(await transaction.policies.remove(params.id))) throw new PointsmanError('POLICY_NOT_FOUND');
      await transaction.identity.audit({
        actor: principal.name,
        action: 'policy.remove',
        subject: params.id,
        detail: {},
      });
    });
    return undefined;
  });
}
