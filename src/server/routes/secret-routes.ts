/** REST of stored secrets: put, listed and removed by administrators; no route tells a value. */
import type { FastifyInstance } from 'fastify';
import { PointsmanError } from '../../contract/errors.ts';
import { SecretName } from '../../contract/secrets.ts';
import { listPage } from '../http/list-page.ts';
import { registerRoute } from '../http/register-route.ts';
import type { Services } from '../services.ts';

export function secretRoutes(app: FastifyInstance, { store, engine: { secrets } }: Services): void {
  registerRoute(app, store, 'listSecrets', async ({ query, nextPage }) =>
    listPage(
      { query, nextPage },
      {
        read: (limit) => secrets.list({ limit, ...(query.cursor ? { after: query.cursor } : {}) }),
        cursorOf: (last) => last.name,
      },
    ),
  );

  registerRoute(app, store, 'putSecret', async ({ params, body, principal }) => {
    const name = SecretName.safeParse(params.name);
    if (!name.success) {
      const message = `A secret’s name ${name.error.issues[0]?.message ?? 'is not valid'}.`;
      throw new PointsmanError('INVALID_REQUEST', {
        detail: message,
        problems: [{ path: '/name', code: 'INVALID_VALUE', message, severity: 'error' }],
      });
    }
    const secret = await secrets.put({ name: name.data, value: body.value, by: principal.name });
    await store.identity.audit({ actor: principal.name, action: 'secret.put', subject: params.name, detail: {} });
    return secret;
  });

  registerRoute(app, store, 'deleteSecret', async ({ params, principal }) => {
    if (!(await secrets.remove(params.name))) throw new PointsmanError('SECRET_NOT_FOUND');
    await store.identity.audit({ actor: principal.name, action: 'secret.remove', subject: params.name, detail: {} });
    return undefined;
  });
}
