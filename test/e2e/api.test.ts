/** Every operation of the API against a whole server; each answer is checked against the server's own description. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describedApi, type DescribedApi } from '../support/described-api.ts';
import { makeHome, removeHome, startPointsman } from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { agentsApi } from './api/agents.ts';
import { authApi } from './api/auth.ts';
import { bodiesApi } from './api/bodies.ts';
import { channelsApi } from './api/channels.ts';
import { definitionsApi } from './api/definitions.ts';
import { executionsApi } from './api/executions.ts';
import { historyApi } from './api/history.ts';
import { idempotencyApi } from './api/idempotency.ts';
import { importsApi } from './api/imports.ts';
import { inboxApi } from './api/inbox.ts';
import { incidentsApi } from './api/incidents.ts';
import { listsApi } from './api/lists.ts';
import { operationsApi } from './api/operations.ts';
import { policiesApi } from './api/policies.ts';
import { preferencesApi } from './api/preferences.ts';
import { pushApi } from './api/push.ts';
import { secretsApi } from './api/secrets.ts';
import { rolesApi } from './api/roles.ts';
import { stateApi } from './api/state.ts';
import { taskChangesApi } from './api/task-changes.ts';
import { triggersApi } from './api/triggers.ts';
import { tryingApi } from './api/trying.ts';
import { usageApi } from './api/usage.ts';
import { workflowsApi } from './api/workflows.ts';

let home: string;
let workspace: string;
let database: TestDatabase;
let described: DescribedApi;

beforeAll(async () => {
  home = makeHome();
  workspace = path.join(home, 'workspace');
  mkdirSync(workspace);
  database = await createTestDatabase();
  described = await describedApi(
    await startPointsman({ home, env: { POINTSMAN_DATABASE_URL: database.url, POINTSMAN_HTTP_ALLOW: '127.0.0.1' } }),
  );
});

afterAll(async () => {
  await removeHome(home);
  await database.drop();
});

const api = () => described;
describe('operations', () => operationsApi(api));
describe('agents and their tasks', () => agentsApi(api, () => workspace));
describe('agent definitions', () => definitionsApi(api, () => workspace));
describe('what tasks change', () => taskChangesApi(api));
describe('workflows', () => workflowsApi(api));
describe('triggers', () => triggersApi(api));
describe('imported workflows', () => importsApi(api, () => workspace));
describe('executions', () => executionsApi(api));
describe('history', () => historyApi(api, () => workspace));
describe('trying workflows', () => tryingApi(api, () => workspace));
describe('the inbox', () => inboxApi(api));
describe('incidents', () => incidentsApi(api));
describe('usage', () => usageApi(api));
describe('policies', () => policiesApi(api));
describe('web push', () => pushApi(api));
describe('preferences', () => preferencesApi(api));
describe('secrets', () => secretsApi(api, () => workspace));
describe('channels', () => channelsApi(api));
describe('shared state', () => stateApi(api));
describe('identity', () => authApi(api));
describe('lists', () => listsApi(api));
describe('bodies, fields and ids', () => bodiesApi(api, () => workspace));
describe('Idempotency-Key', () => idempotencyApi(api, () => workspace));
describe('roles', () => rolesApi(api, () => workspace));

test('every operation of the description was answered as it says', () => {
  const all = described.operations.map(({ operationId }) => operationId);
  expect(new Set(all).size).toBe(all.length);
  expect([...described.succeeded].toSorted()).toEqual(all.toSorted());
});
