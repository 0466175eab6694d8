/** The whole log of an execution as a text file, read page by page while it is sent. */
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { PointsmanError } from '../../contract/errors.ts';
import { LogFilter } from '../../contract/executions.ts';
import type { Services } from '../services.ts';

/** Lines of one page. */
export const LOG_PAGE = 1_000;

export function logTextRoute(app: FastifyInstance, { store }: Services): void {
  app.get<{ Params: { id: string }; Querystring: { node?: string; step?: string } }>(
    '/api/executions/:id/logs.txt',
    { config: { permission: 'read' } },
    async (request, reply) => {
      const { id } = request.params;
      if (!/^[0-9a-f-]{36}$/.test(id) || !(await store.executions.get(id)))
        throw new PointsmanError('EXECUTION_NOT_FOUND');
      const asked = LogFilter.omit({ search: true }).safeParse(request.query);
      if (!asked.success)
        throw new PointsmanError('INVALID_REQUEST', { detail: 'It takes `node` and `step`, and nothing else.' });
      const { node, step } = asked.data;
      const filter = { ...(node === undefined ? {} : { node }), ...(step === undefined ? {} : { step }) };
      async function* lines(): AsyncGenerator<string> {
        for (let after = 0; ;) {
          const page = await store.executions.logs(id, { ...filter, after, limit: LOG_PAGE });
          after = page.at(-1)?.seq ?? after;
          if (page.length > 0)
            yield page.map((line) => `${line.at} ${line.nodeId ?? '-'} ${line.stream} ${line.text}\n`).join('');
          if (page.length < LOG_PAGE) return;
        }
      }
      return reply
        .header('content-type', 'text/plain; charset=utf-8')
        .header('content-disposition', `attachment; filename="execution-${id.slice(-6)}.log"`)
        .header('cache-control', 'no-store')
        .send(Readable.from(lines()));
    },
  );
}
