/** Who may do what, for every operation and for documents that act on the host. */
import { beforeAll, expect, test } from 'vitest';
import type { DescribedApi } from '../../support/described-api.ts';

type Who = 'viewer' | 'operator' | 'admin';
const NIL = '00000000-0000-7000-8000-000000000000';
const MAY: Record<Who, string[]> = {
  viewer: ['read'],
  operator: ['read', 'operate'],
  admin: ['read', 'operate', 'administer', 'workflow.commands'],
};
/** Said here again on purpose: what needs more than reading is a decision, not a detail. */
const ADMINISTER = [
  'adoptAgent',
  'createAgent',
  'createPolicy',
  'createSignInLink',
  'createToken',
  'createUser',
  'deleteAgent',
  'deleteAgentDefinition',
  'deleteChannel',
  'deletePolicy',
  'deleteSecret',
  'getRetention',
  'importAgentDefinitions',
  'listAdoptable',
  'listAudit',
  'listChannels',
  'listSecrets',
  'listSettings',
  'listTokens',
  'listUsers',
  'putChannel',
  'putSecret',
  'revokeToken',
  'rotateTriggerSecret',
  'testChannel',
  'updateUser',
  'verifyAudit',
];

export function rolesApi(api: () => DescribedApi, workspace: () => string): void {
  const tokens: Record<string, string> = {};

  beforeAll(async () => {
    for (const role of ['viewer', 'operator', 'admin'] as const)
      tokens[role] = (await api().request('POST', '/api/tokens', { name: `as ${role}`, role })).body.token;
    tokens['trusted'] = (
      await api().request('POST', '/api/tokens', {
        name: 'trusted operator',
        role: 'operator',
        permissions: ['workflow.commands'],
      })
    ).body.token;
  });

  test('only administrators manage people, tokens and agents; viewers change nothing but what they set up for themselves', () => {
    const needing = (permission: string) =>
      api().operations.filter(({ description }) => description.includes(`\`${permission}\``));
    expect(
      needing('administer')
        .map(({ operationId }) => operationId)
        .toSorted(),
    ).toEqual(ADMINISTER);
    const changing = needing('read')
      .filter(({ method }) => method !== 'GET')
      .map(({ operationId }) => operationId);
    expect(changing.toSorted()).toEqual([
      'deletePushSubscription',
      'logout',
      'previewExpression',
      'putPreference',
      'putPushSubscription',
      'revokeEmbed',
      'testPushSubscription',
      'updatePushSubscription',
      'validateWorkflow',
    ]);
  });

  test.each(['viewer', 'operator', 'admin'] as const)(
    '%s is refused exactly what its role does not hold, before anything else is looked at',
    async (who) => {
      for (const { operationId, method, path, description } of api().operations) {
        const permission = /`([a-z.]+)`/.exec(description)?.[1];
        if (!permission) continue;
        const address = path.replaceAll(/\{(id|version|key|namespace)\}/g, NIL);
        const { status, body } = await as(who).request(
          method,
          address,
          method === 'GET' || method === 'DELETE' ? undefined : { nonsense: true },
        );
        if (MAY[who].includes(permission)) expect([401, 403], `${who} ${operationId} ${status}`).not.toContain(status);
        else expect(body, `${who} ${operationId}`).toMatchObject({ status: 403, code: 'FORBIDDEN' });
      }
    },
  );

  test('an operator changes an agent, but not its command or environment', async () => {
    const { body: agent } = await api().request('POST', '/api/agents', {
      name: 'guarded',
      kind: 'shell',
      command: ['bash'],
      workspace: { path: workspace() },
    });
    const change = (body: object) => as('operator').request('PATCH', `/api/agents/${agent.id}`, body);
    expect((await change({ role: 'changed' })).status).toBe(200);
    for (const body of [{ command: ['sh'] }, { env: { A: 'b' } }, { env: {} }, { role: 'x', command: ['bash'] }])
      expect((await change(body)).status, JSON.stringify(body)).toBe(403);
    expect((await api().request('GET', `/api/agents/${agent.id}`)).body).toMatchObject({
      role: 'changed',
      command: ['bash'],
      envNames: [],
    });
    for (const more of [{}, { command: ['sh'] }, { env: { A: 'b' } }])
      expect(
        (
          await as('operator').request('POST', '/api/agents', {
            name: 'own',
            kind: 'shell',
            workspace: { path: workspace() },
            ...more,
          })
        ).status,
      ).toBe(403);
  });

  test.each([
    ['a shell node', { nodes: [{ id: 'a', type: 'shell', config: { command: ['true'] } }] }],
    [
      'a shell node in a map',
      {
        nodes: [
          {
            id: 'a',
            type: 'map',
            config: { over: '[1]', as: 'n', node: { type: 'shell', config: { command: ['true'] } } },
          },
        ],
      },
    ],
    ['an http node', { nodes: [{ id: 'a', type: 'http', config: { url: 'http://127.0.0.1:1/' } }] }],
    ['a secret', { nodes: [{ id: 'a', type: 'http', config: { url: 'http://127.0.0.1:1/', secret: 'TOKEN' } }] }],
  ])(
    'a document with %s needs the right to commands, to be saved, kept as a draft or executed inline',
    async (_what, document) => {
      for (const [method, address, body] of [
        ['POST', '/api/workflows', document],
        ['POST', '/api/workflows?draft=true', document],
        ['POST', '/api/workflows?draft=true', { ...document, edges: [{ from: 'a', to: 'nowhere' }] }],
        ['POST', '/api/workflow/execute', { workflow: document }],
      ] as const) {
        const refused = await as('operator').request(method, address, body);
        expect(refused.body, address).toMatchObject({
          status: 403,
          detail: expect.stringContaining('workflow.commands'),
        });
        expect([201, 202], address).toContain((await as('trusted').request(method, address, body)).status);
      }
      const { body: saved } = await api().request('POST', '/api/workflows', document);
      expect((await as('operator').request('PUT', `/api/workflows/${saved.id}`, document)).status).toBe(403);
      expect((await as('operator').request('POST', `/api/workflows/${saved.id}/execute`, {})).status).toBe(202);
      expect((await as('viewer').request('POST', `/api/workflows/${saved.id}/execute`, {})).status).toBe(403);
    },
  );

  test('an operator saves and executes a document that commands nothing', async () => {
    const document = { nodes: [{ id: 'a', type: 'transform', config: { value: '1' } }] };
    expect((await as('operator').request('POST', '/api/workflows', document)).status).toBe(201);
    expect((await as('operator').request('POST', '/api/workflow/execute', { workflow: document })).status).toBe(202);
  });

  function as(who: Who | 'trusted') {
    return api().as(tokens[who] ?? null);
  }
}
