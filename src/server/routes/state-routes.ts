/** REST of shared state. */
import type { FastifyInstance } from 'fastify';
import { PointsmanError } from '../../contract/errors.ts';
import { listPage } from '../http/list-page.ts';
import { registerRoute } from '../http/register-route.ts';
import type { Services } from '../services.ts';

export function stateRoutes(app: FastifyInstance, { store }: Services): void {
  registerRoute(app, store, 'listNamespaces', async ({ query, nextPage }) =>
    listPage(
      { query, nextPage },
      {
        read: (limit) =>
          store.sharedState.namespaces({
            limit,
            ...(query.cursor ? { after: query.cursor } : {}),
          }),
        cursorOf: (last) => last.namespace,
      },
    ),
  );

  registerRoute(app, store, 'listState', async ({ params, query, nextPage }) =>
    listPage(
      { query, nextPage },
      {
        read: (limit) =>
          store.sharedState.list(params.namespace, {
            limit,
            ...(query.cursor ? { after: query.cursor } : {}),
          }),
        cursorOf: (last) => last.key,
      },
    ),
  );

  registerRoute(app, store, 'getState', async ({ params, reply }) => {
    const entry = await store.sharedState.get(params.namespace, params.key);
    if (!entry) throw new PointsmanError('STATE_NOT_FOUND');
    void reply.header('etag', `"${entry.version}"`);
    return entry;
  });

  registerRoute(app, store, 'putState', async ({ params, body, ifMatch, request, reply }) => {
    const { namespace, key } = params;
    if (!Object.hasOwn((request.body ?? {}) as object, 'value'))
      throw new PointsmanError('INVALID_REQUEST', {
        detail: 'The body needs a value.',
        problems: [
          { path: '/value', code: 'REQUIRED', message: 'Give the value to store; null is one too.', severity: 'error' },
        ],
      });
    return store.transaction(async (transaction) => {
      const stored = await transaction.sharedState.put(
        namespace,
        key,
        body.value,
        ifMatch === null ? {} : { ifVersion: ifMatch },
      );
      if (stored.outcome === 'conflict')
        throw new PointsmanError('VERSION_CONFLICT', {
          detail: stored.current ? `It has version ${stored.current.version} now.` : 'It does not exist.',
        });
      transaction.publish({ topic: `state:${namespace}`, event: 'state.changed', data: { key, ...stored.entry } });
      void reply.header('etag', `"${stored.entry.version}"`);
      return stored.entry;
    });
  });

  registerRoute(app, store, 'deleteState', async ({ params, ifMatch }) => {
    const { namespace, key } = params;
    await store.transaction(async (transaction) => {
      const outcome = await transaction.sharedState.delete(
        namespace,
        key,
        ifMatch === null ? {} : { ifVersion: ifMatch },
      );
      if (outcome === 'absent') throw new PointsmanError('STATE_NOT_FOUND');
      if (outcome === 'conflict') throw new PointsmanError('VERSION_CONFLICT');
      transaction.publish({ topic: `state:${namespace}`, event: 'state.deleted', data: { key } });
    });
    return undefined;
  });
}
