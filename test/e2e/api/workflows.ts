/** Saved workflows: documents in JSON and YAML, immutable versions, drafts. */
import { expect, test } from 'vitest';
import { until } from '../../support/pointsman-process.ts';
import type { DescribedApi } from '../../support/described-api.ts';

const SUM = {
  name: 'Sum',
  inputs: { a: { type: 'integer' } },
  nodes: [{ id: 'sum', type: 'transform', config: { value: 'inputs.a + 1' } }],
  outputs: { sum: 'nodes.sum.output' },
};
const YAML = { 'content-type': 'application/yaml' };

export function workflowsApi(api: () => DescribedApi): void {
  test('where the configuration registers no graphs there are none, and a node that names one is refused', async () => {
    expect((await api().request('GET', '/api/graphs')).body).toEqual([]);
    const nodes = [{ id: 'n', type: 'langgraph', config: { graph: 'review' } }];
    expect(await api().request('POST', '/api/workflows', { nodes })).toMatchObject({
      status: 422,
      body: { problems: [{ path: '/nodes/0/config/graph', code: 'UNKNOWN_GRAPH' }] },
    });
  });

  test('a document is saved, read as it was, and each change is a version of its own', async () => {
    const created = await api().request('POST', '/api/workflows', SUM);
    expect(created).toMatchObject({
      status: 201,
      body: { name: 'Sum', version: 1, liveVersion: 1, draft: false, problems: [], document: SUM },
    });
    const address = `/api/workflows/${created.body.id}`;
    expect(created.headers.get('location')).toBe(address);
    expect((await api().request('GET', address)).headers.get('etag')).toBe('"1"');
    const changed = await api().request(
      'PUT',
      `${address}?note=renamed`,
      { ...SUM, name: 'Sum of two' },
      { 'if-match': '"1"' },
    );
    expect(changed).toMatchObject({ status: 200, body: { name: 'Sum of two', version: 2 } });
    expect(await api().request('PUT', address, { ...SUM, name: 'Late' }, { 'if-match': '"1"' })).toMatchObject({
      status: 412,
      body: { code: 'VERSION_CONFLICT' },
    });
    expect((await api().request('GET', address)).body).toMatchObject({ name: 'Sum of two', version: 2 });
    expect((await api().request('GET', `${address}/versions`)).body).toMatchObject([
      { version: 2, note: 'renamed' },
      { version: 1, document: SUM },
    ]);
    expect((await api().request('GET', `${address}/versions/1`)).body).toMatchObject({
      version: 1,
      document: SUM,
      draft: false,
    });
    for (const version of ['3', '0', 'x', '1.5'])
      expect((await api().request('GET', `${address}/versions/${version}`)).status, version).toBe(404);
    expect((await api().request('POST', `${address}/promote`, { version: 1 })).body).toMatchObject({
      liveVersion: 1,
      version: 2,
    });
    expect((await api().request('POST', `${address}/promote`, { version: 9 })).status).toBe(404);
    expect((await api().request('POST', `${address}/promote`, { version: '1' })).body).toMatchObject({
      status: 422,
      problems: [{ path: '/version' }],
    });
    expect((await api().request('GET', '/api/workflows')).body.map(({ id }: { id: string }) => id)).toContain(
      created.body.id,
    );
    expect((await api().request('DELETE', address)).status).toBe(204);
    expect(await api().request('GET', address)).toMatchObject({ status: 404, body: { code: 'WORKFLOW_NOT_FOUND' } });
    expect((await api().request('PUT', address, SUM)).status).toBe(404);
  });

  test('an expression is tried on the data of an execution, and nothing comes of it', async () => {
    const { body: workflow } = await api().request('POST', '/api/workflows', SUM);
    const { body: started } = await api().request('POST', `/api/workflows/${workflow.id}/execute`, {
      inputs: { a: 4 },
    });
    await until(
      'the execution to end',
      async () => (await api().request('GET', `/api/executions/${started.id}`)).body.status === 'succeeded',
    );
    const preview = async (body: object) => (await api().request('POST', '/api/workflows/preview', body)).body;
    const on = { kind: 'expression', executionId: started.id };
    expect(await preview({ ...on, text: 'nodes.sum.output * 2' })).toMatchObject({ outcome: 'value', json: '10' });
    expect(await preview({ kind: 'expression', text: 'inputs.a == 1' })).toEqual({ outcome: 'checked', type: 'bool' });
    expect(await preview({ ...on, text: 'nodes.other.output' })).toMatchObject({ outcome: 'failed' });
    expect(await preview({ ...on, text: '1 +' })).toMatchObject({ outcome: 'invalid' });
    expect(await preview({ ...on, text: '1', executionId: workflow.id })).toMatchObject({
      code: 'EXECUTION_NOT_FOUND',
    });
    expect(await preview({ ...on, text: '1', kind: 'shell' })).toMatchObject({ status: 422, code: 'INVALID_REQUEST' });
  });

  test('only one of those who change the same version at once succeeds', async () => {
    const { body } = await api().request('POST', '/api/workflows', SUM);
    const answers = await Promise.all(
      ['a', 'b', 'c', 'd'].map((name) =>
        api().request('PUT', `/api/workflows/${body.id}`, { ...SUM, name }, { 'if-match': '1' }),
      ),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 412, 412, 412]);
  });

  test('YAML is the same document', async () => {
    const created = await api().request(
      'POST',
      '/api/workflows',
      'name: From YAML\nnodes:\n  - { id: one, type: transform, config: { value: "1" } }\n',
      YAML,
    );
    expect(created).toMatchObject({ status: 201, body: { name: 'From YAML', document: { nodes: [{ id: 'one' }] } } });
    const changed = await api().request(
      'PUT',
      `/api/workflows/${created.body.id}`,
      'name: Again\nnodes: [{ id: one, type: transform, config: { value: "2" } }]',
      YAML,
    );
    expect(changed).toMatchObject({ status: 200, body: { version: 2, name: 'Again' } });
  });

  test('an invalid document is refused with its problems, and nothing is saved', async () => {
    const before = (await api().request('GET', '/api/workflows?limit=200')).body.length;
    const refused = await api().request('POST', '/api/workflows', {
      name: 'Bad',
      nodes: [{ id: 'a', type: 'agent', config: { agent: 'nobody-of-this-name', prompt: 'x' } }],
      edges: [{ from: 'a', to: 'nowhere' }],
    });
    expect(refused).toMatchObject({ status: 422, body: { code: 'WORKFLOW_INVALID' } });
    const problems = refused.body.problems as { path: string; severity: string; nodeId?: string }[];
    expect(problems.map(({ path }) => path)).toEqual(expect.arrayContaining(['/edges/0/to']));
    expect(problems.some(({ path, nodeId }) => path.startsWith('/nodes/0/config/agent') && nodeId === 'a')).toBe(true);
    for (const body of [{}, { nodes: [] }, [], 'null', '7', '"a"'])
      expect((await api().request('POST', '/api/workflows', body)).status, JSON.stringify(body)).toBe(422);
    const unknown = await api().request('POST', '/api/workflows', { ...SUM, id: 'mine' });
    expect(unknown).toMatchObject({ status: 422, body: { problems: [expect.objectContaining({ path: '/id' })] } });
    expect((await api().request('GET', '/api/workflows?limit=200')).body).toHaveLength(before);
  });

  test('a draft may have problems, and is neither executed nor promoted', async () => {
    const broken = { ...SUM, nodes: [{ id: 'sum', type: 'transform', config: { value: 'inputs.nothing +' } }] };
    const draft = await api().request('POST', '/api/workflows?draft=true', broken);
    expect(draft).toMatchObject({ status: 201, body: { draft: true, liveVersion: null, document: broken } });
    expect(draft.body.problems.length).toBeGreaterThan(0);
    const address = `/api/workflows/${draft.body.id}`;
    for (const body of [{}, { inputs: { a: 1 }, version: 1 }])
      expect(await api().request('POST', `${address}/execute`, body)).toMatchObject({
        status: 409,
        body: { code: 'WORKFLOW_DRAFT' },
      });
    expect(await api().request('POST', `${address}/promote`, { version: 1 })).toMatchObject({
      status: 409,
      body: { code: 'WORKFLOW_DRAFT' },
    });
    expect(await api().request('GET', `${address}/graph`)).toMatchObject({ status: 409 });
    const corrected = await api().request('PUT', address, SUM);
    expect(corrected.body).toMatchObject({ draft: false, version: 2, problems: [] });
    expect((await api().request('POST', `${address}/execute`, { inputs: { a: 1 }, version: 1 })).status).toBe(409);
    expect((await api().request('POST', `${address}/execute`, { inputs: { a: 1 }, version: 2 })).status).toBe(202);
    expect((await api().request('POST', '/api/workflows?draft=maybe', SUM)).status).toBe(422);
  });

  test('a draft over a working version leaves that version live', async () => {
    const { body } = await api().request('POST', '/api/workflows', SUM);
    expect((await api().request('PUT', `/api/workflows/${body.id}?draft=true`, { nodes: [] })).body).toMatchObject({
      draft: true,
      version: 2,
      liveVersion: 1,
    });
    expect((await api().request('POST', `/api/workflows/${body.id}/execute`, { inputs: { a: 1 } })).body).toMatchObject(
      { version: 1 },
    );
  });

  test('anything can be validated: the answer is 200 and tells the place', async () => {
    const validate = async (body: unknown, headers = {}) =>
      (await api().request('POST', '/api/workflows/validate', body, headers)).body;
    expect(await validate(SUM)).toEqual({ valid: true, problems: [] });
    expect(await validate({ nodes: 7 })).toMatchObject({
      valid: false,
      problems: [expect.objectContaining({ path: '/nodes' })],
    });
    expect(await validate('name: [1, 2\nnodes:\n', YAML)).toMatchObject({
      valid: false,
      problems: [expect.objectContaining({ line: expect.any(Number), column: expect.any(Number), severity: 'error' })],
    });
    expect(await validate('{"nodes": [}')).toMatchObject({
      valid: false,
      problems: [expect.objectContaining({ line: 1, column: expect.any(Number) })],
    });
    expect(
      await validate({ ...SUM, nodes: [{ id: 'sum', type: 'transform', config: { value: '1 +\n + +' } }] }),
    ).toMatchObject({
      valid: false,
      problems: [
        expect.objectContaining({
          path: '/nodes/0/config/value',
          nodeId: 'sum',
          line: expect.any(Number),
          column: expect.any(Number),
        }),
      ],
    });
    for (const body of [
      '',
      '[]',
      'null',
      '"text"',
      '7',
      '{"__proto__": {"nodes": []}}',
      'a: *unknown',
      '--- a\n--- b',
      'x: !!js/function "function(){}"',
      'a: &a [*a]',
      `${'['.repeat(5_000)}`,
    ]) {
      expect(await validate(body, YAML), body.slice(0, 40)).toMatchObject({ valid: false });
      expect(await validate(body), body.slice(0, 40)).toMatchObject({ valid: false });
    }
  });

  test('an alias bomb is refused before it is large', async () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...[...'bcdefghi'].map(
        (name, index) => `${name}: &${name} [${Array.from({ length: 9 }, () => `*${'abcdefgh'[index]}`).join(',')}]`,
      ),
    ].join('\n');
    const begin = Date.now();
    expect((await api().request('POST', '/api/workflows/validate', bomb, YAML)).body).toMatchObject({ valid: false });
    expect(Date.now() - begin).toBeLessThan(5_000);
  });

  test('the graph and the document’s schema can be read', async () => {
    const { body } = await api().request('POST', '/api/workflows', {
      nodes: [
        { id: 'a', type: 'condition', config: {} },
        { id: 'b', type: 'condition', config: {} },
      ],
      edges: [{ from: 'a', to: 'b', when: 'true' }],
    });
    const { body: graph } = await api().request('GET', `/api/workflows/${body.id}/graph?version=1`);
    expect(graph).toMatchObject({
      nodes: [{ id: 'a' }, { id: 'b' }],
      edges: [{ from: 'a', to: 'b', when: 'true', loop: false }],
      mermaid: expect.stringContaining('flowchart'),
    });
    expect((await api().request('GET', '/api/workflow.schema.json')).body).toMatchObject({
      $schema: expect.stringContaining('json-schema.org'),
    });
    expect((await api().request('GET', '/api/workflow-cases.schema.json')).body).toMatchObject({
      $schema: expect.stringContaining('json-schema.org'),
      properties: { cases: { type: 'array' } },
    });
  });
}
