/** REST of tasks. */
import type { FastifyInstance } from 'fastify';
import { PointsmanError } from '../../contract/errors.ts';
import { cancelTask, createTask } from '../../engine/create-task.ts';
import { taskView } from '../../engine/finish-task.ts';
import { discardTask, mergeTask, taskDiff } from '../../engine/worktrees/task-changes.ts';
import { actorOf } from '../auth/principal.ts';
import { listPage } from '../http/list-page.ts';
import { registerRoute } from '../http/register-route.ts';
import type { Services } from '../services.ts';
import { required } from './agent-routes.ts';

export function taskRoutes(app: FastifyInstance, services: Services): void {
  const { store, engine } = services;

  registerRoute(app, store, 'createTask', async ({ params, body, principal, reply }) => {
    const task = await createTask(engine, {
      agent: await required(services, params.id),
      task: body,
      by: actorOf(principal),
    });
    void reply.header('location', `/api/tasks/${task.id}`);
    return taskView(task);
  });

  registerRoute(app, store, 'listAgentTasks', async ({ params, query, nextPage }) => {
    await required(services, params.id);
    const page = await listPage(
      { query, nextPage },
      {
        read: (limit) =>
          store.tasks.list(params.id, {
            limit,
            ...(query.cursor ? { before: query.cursor } : {}),
          }),
        cursorOf: (last) => last.id,
      },
    );
    return page.map(taskView);
  });

  registerRoute(app, store, 'getTask', async ({ params }) => taskView(await task(params.id)));
  registerRoute(app, store, 'cancelTask', async ({ params }) =>
    taskView(await cancelTask(engine, await task(params.id))),
  );

  registerRoute(app, store, 'getTaskDiff', async ({ params }) => taskDiff(engine, await task(params.id)));
  registerRoute(app, store, 'mergeTask', async ({ params, principal }) =>
    mergeTask(engine, await task(params.id), actorOf(principal)),
  );
  registerRoute(app, store, 'discardTask', async ({ params, principal }) =>
    taskView(await discardTask(engine, await task(params.id), actorOf(principal))),
  );

  async function task(id: string) {
    const found = await store.tasks.get(id);
    if (!found) throw new PointsmanError('TASK_NOT_FOUND');
    return found;
  }
}
