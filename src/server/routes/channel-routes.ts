/** REST of channels: made, listed, tried and removed by administrators. */
import type { FastifyInstance } from 'fastify';
import { ChannelName, type PutChannel } from '../../contract/channels.ts';
import { PointsmanError } from '../../contract/errors.ts';
import type { Problem } from '../../contract/problem.ts';
import { testChannel } from '../../engine/channels/test-channel.ts';
import { listPage } from '../http/list-page.ts';
import { registerRoute } from '../http/register-route.ts';
import type { Services } from '../services.ts';

export function channelRoutes(app: FastifyInstance, { store, engine, egress }: Services): void {
  registerRoute(app, store, 'listChannels', async ({ query, nextPage }) =>
    listPage(
      { query, nextPage },
      {
        read: (limit) => store.channels.list({ limit, ...(query.cursor ? { after: query.cursor } : {}) }),
        cursorOf: (last) => last.name,
      },
    ),
  );

  registerRoute(app, store, 'putChannel', async ({ params, body, principal }) => {
    const name = ChannelName.safeParse(params.name);
    if (!name.success) {
      const message = `A channel’s name ${name.error.issues[0]?.message ?? 'is not valid'}.`;
      throw new PointsmanError('INVALID_REQUEST', {
        detail: message,
        problems: [{ path: '/name', code: 'INVALID_VALUE', message, severity: 'error' }],
      });
    }
    await requireSecrets(body);
    return store.transaction(async (transaction) => {
      const channel = await transaction.channels.put({ name: name.data, ...body, by: principal.name });
      await transaction.identity.audit({
        actor: principal.name,
        action: 'channel.put',
        subject: name.data,
        detail: { ...body },
      });
      return channel;
    });
  });

  registerRoute(app, store, 'deleteChannel', async ({ params, principal }) => {
    await store.transaction(async (transaction) => {
      if (!(await transaction.channels.remove(params.name))) throw new PointsmanError('CHANNEL_NOT_FOUND');
      await transaction.identity.audit({
        actor: principal.name,
        action: 'channel.remove',
        subject: params.name,
        detail: {},
      });
    });
    return undefined;
  });

  registerRoute(app, store, 'testChannel', async ({ params, principal }) =>
    testChannel({ ...engine, egress }, { name: params.name, by: principal }),
  );

  /** A channel without its secrets would only fail later, when nobody looks. */
  async function requireSecrets(body: PutChannel): Promise<void> {
    const named = [
      ...(body.url.startsWith('secret:') ? [{ path: '/url', name: body.url.slice('secret:'.length) }] : []),
      ...(body.kind === 'webhook' ? [{ path: '/secret', name: body.secret }] : []),
    ];
    const problems: Problem[] = [];
    for (const { path, name } of named) {
      if (await engine.secrets.isStored(name)) continue;
      const message = `There is no secret ${name}. Store it with \`pointsman secrets set ${name}\`.`;
      problems.push({ path, code: 'SECRET_NOT_FOUND', message, severity: 'error' });
    }
    const [first] = problems;
    if (first) throw new PointsmanError('INVALID_REQUEST', { detail: first.message, problems });
  }
}
