/** REST of agent definitions. */
import type { FastifyInstance } from 'fastify';
import type { AgentDefinitionFile } from '../../contract/agent-definitions.ts';
import { actorOf } from '../auth/principal.ts';
import { listPage } from '../http/list-page.ts';
import { registerRoute } from '../http/register-route.ts';
import type { Services } from '../services.ts';

export function definitionRoutes(app: FastifyInstance, { store, definitions }: Services): void {
  registerRoute(app, store, 'listAgentDefinitions', async ({ query, nextPage }) => {
    const all = await definitions.list();
    return listPage(
      { query, nextPage },
      {
        read: async (limit) => all.filter(({ file }) => file > (query.cursor ?? '')).slice(0, limit),
        cursorOf: (last) => last.file,
      },
    );
  });

  registerRoute(app, store, 'importAgentDefinitions', ({ body, principal }) =>
    definitions.import(body, actorOf(principal)),
  );

  registerRoute(app, store, 'getAgentDefinition', async ({ params, reply }) =>
    tagged(reply, await definitions.get(params.name)),
  );

  registerRoute(app, store, 'putAgentDefinition', async ({ params, body, ifMatch, principal, reply }) =>
    tagged(reply, await definitions.put({ ...params, version: ifMatch }, body.text, actorOf(principal))),
  );

  registerRoute(app, store, 'changeAgentDefinition', async ({ params, body, ifMatch, principal, reply }) =>
    tagged(reply, await definitions.change({ ...params, version: ifMatch }, body, actorOf(principal))),
  );

  registerRoute(app, store, 'deleteAgentDefinition', async ({ params, ifMatch, principal }) => {
    await definitions.remove({ ...params, version: ifMatch }, actorOf(principal));
    return undefined;
  });
}

function tagged(
  reply: { header(name: string, value: string): unknown },
  found: AgentDefinitionFile,
): AgentDefinitionFile {
  reply.header('etag', `"${found.version}"`);
  return found;
}
