/** Workflows of other tools: a preview stores nothing, and what was saved runs once somebody has allowed what it uses. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { DescribedApi } from '../../support/described-api.ts';
import { until } from '../../support/pointsman-process.ts';

export function importsApi(api: () => DescribedApi, workspace: () => string): void {
  let operator = '';
  const n8n = (command: string) => ({
    name: `From n8n ${command.length}`,
    nodes: [
      { id: '1', name: 'Start', type: 'n8n-nodes-base.manualTrigger', parameters: {} },
      { id: '2', name: 'Make', type: 'n8n-nodes-base.executeCommand', parameters: { command } },
    ],
    connections: { Start: { main: [[{ node: 'Make', type: 'main', index: 0 }]] } },
  });
  const marker = (name: string) => path.join(workspace(), name);
  const execute = (id: string) => api().request('POST', `/api/workflows/${id}/execute`, {});
  const ended = (id: string) =>
    until('the execution to end', async () => {
      const { body } = await api().request('GET', `/api/executions/${id}`);
      return ['succeeded', 'failed'].includes(body.status) && body;
    });

  beforeAll(async () => {
    const { body } = await api().request('POST', '/api/tokens', { name: 'importer', role: 'operator' });
    operator = body.token;
  });

  test('a preview says what it would become; it stores and starts nothing', async () => {
    const before = (await api().request('GET', '/api/workflows?limit=200')).body.length;
    const preview = await api().request('POST', '/api/workflows/import?name=Mine', n8n(`touch ${marker('preview')}`));
    expect(preview).toMatchObject({
      status: 200,
      body: {
        format: 'n8n',
        valid: true,
        document: { name: 'Mine', nodes: [{ id: 'make', type: 'shell' }] },
        report: { mapped: [{ sourceName: 'Start' }, { sourceName: 'Make', nodeId: 'make' }], unmapped: [] },
      },
    });
    expect(preview.body.workflow).toBeUndefined();
    expect((await api().request('GET', '/api/workflows?limit=200')).body).toHaveLength(before);
    expect(existsSync(marker('preview'))).toBe(false);
  });

  test('code is read as text, whatever it would do', async () => {
    const code = [
      `import { Agent } from "@openai/agents"; require("fs").writeFileSync("${marker('code')}", "");`,
      'const a = new Agent({ name: "First", instructions: "Do it." });',
      'export const runWorkflow = async (workflow) => { await runner.run(a, []); };',
    ].join('\n');
    const answer = await api().request('POST', '/api/workflows/import', code, { 'content-type': 'application/yaml' });
    expect(answer).toMatchObject({
      status: 200,
      body: { format: 'agent-builder', document: { nodes: [{ id: 'first', type: 'agent' }] } },
    });
    expect(existsSync(marker('code'))).toBe(false);
  });

  test('what cannot be read is refused with the reason', async () => {
    for (const body of [{ nodes: [] }, { hello: 1 }, '"words"'])
      expect(await api().request('POST', '/api/workflows/import?save=true', body), JSON.stringify(body)).toMatchObject({
        status: 422,
        body: { code: 'IMPORT_UNREADABLE' },
      });
  });

  test('it is executed once somebody with the right has allowed exactly what was shown', async () => {
    const saved = await api()
      .as(operator)
      .request('POST', '/api/workflows/import?save=true', n8n(`touch ${marker('one')}`));
    expect(saved.body.workflow).toMatchObject({
      version: 1,
      draft: false,
      imported: { format: 'n8n', by: 'importer', trusted: false },
    });
    const { id } = saved.body.workflow;
    expect(await execute(id)).toMatchObject({ status: 409, body: { code: 'WORKFLOW_UNTRUSTED' } });
    const shown = await api().request('GET', `/api/workflows/${id}/trust`);
    expect(shown.body).toMatchObject({
      version: 1,
      imported: true,
      trusted: false,
      uses: [{ kind: 'command', nodeId: 'make', value: `touch ${marker('one')}` }],
    });
    const { hash } = shown.body;
    expect(await api().as(operator).request('POST', `/api/workflows/${id}/trust`, { hash })).toMatchObject({
      status: 403,
      body: { code: 'FORBIDDEN' },
    });
    expect(await api().request('POST', `/api/workflows/${id}/trust`, { hash: 'of something else' })).toMatchObject({
      status: 409,
      body: { code: 'WORKFLOW_USES_CHANGED' },
    });
    expect(await execute(id)).toMatchObject({ status: 409 });
    expect(existsSync(marker('one'))).toBe(false);
    const allowed = await api().request('POST', `/api/workflows/${id}/trust`, { hash });
    expect(allowed.body).toMatchObject({ trusted: true, hash, allowed: { by: expect.any(String) } });
    expect((await api().request('GET', `/api/workflows/${id}`)).body.imported).toMatchObject({ trusted: true });
    const run = await execute(id);
    expect(run.status).toBe(202);
    expect(await ended(run.body.id)).toMatchObject({ status: 'succeeded' });
    expect(existsSync(marker('one'))).toBe(true);

    // Another name is the same content; another command is not, for whoever changed it.
    const { document } = saved.body;
    const renamed = await api().request('PUT', `/api/workflows/${id}`, { ...document, name: 'Renamed' });
    expect(renamed.body.imported).toMatchObject({ trusted: true });
    const command = `touch ${marker('two')}`;
    const changed = await api().request('PUT', `/api/workflows/${id}`, {
      ...document,
      nodes: [{ ...document.nodes[0], config: { command } }],
    });
    expect(changed.body).toMatchObject({ version: 3, imported: { trusted: false } });
    expect(await execute(id)).toMatchObject({ status: 409, body: { code: 'WORKFLOW_UNTRUSTED' } });
    expect((await api().request('POST', `/api/workflows/${id}/execute`, { version: 2 })).status).toBe(202);
    expect((await api().request('GET', `/api/workflows/${id}/trust?version=1`)).body).toMatchObject({ trusted: true });
    expect(existsSync(marker('two'))).toBe(false);
  });

  test('it is asked about again when only an approval is gone, or an edge leads around it', async () => {
    const gate = { id: 'gate', type: 'approval', config: { title: 'Ship?' } };
    const ship = { id: 'ship', type: 'shell', config: { command: ['true'] } };
    const after = { from: 'gate', to: 'ship' };
    const document = { name: 'Guarded import', nodes: [gate, ship], edges: [after] };
    const saved = await api().request('POST', '/api/workflows/import?save=true', { pointsman: 1, ...document });
    expect(saved.body).toMatchObject({ format: 'pointsman', valid: true });
    const { id } = saved.body.workflow;
    const trust = async () => (await api().request('GET', `/api/workflows/${id}/trust`)).body;
    const { hash, flow } = await trust();
    expect(flow).toMatchObject([
      { kind: 'approval', nodeId: 'gate', value: expect.stringContaining('Ship?') },
      { kind: 'edge', nodeId: 'gate', value: 'Starts at once' },
      { kind: 'edge', nodeId: 'ship', value: 'After gate has succeeded' },
    ]);
    await api().request('POST', `/api/workflows/${id}/trust`, { hash });
    for (const changes of [
      { nodes: [ship], edges: [] },
      { edges: [] },
      { edges: [{ ...after, on: 'any' }] },
      { nodes: [{ ...gate, config: { ...gate.config, expires: 'PT1S', onExpire: 'approve' } }, ship] },
    ]) {
      const { body } = await api().request('PUT', `/api/workflows/${id}`, { ...document, ...changes });
      expect(body, JSON.stringify(changes)).toMatchObject({ draft: false, imported: { trusted: false } });
      expect(await execute(id)).toMatchObject({ status: 409, body: { code: 'WORKFLOW_UNTRUSTED' } });
    }
    const moved = { ...document, layout: { gate: [9, 9] }, description: 'The same' };
    const { body } = await api().request('PUT', `/api/workflows/${id}`, moved);
    expect(body.imported).toMatchObject({ trusted: true });
    expect((await trust()).allowed).toMatchObject({ by: expect.any(String) });
  });

  test('another workflow, or a retry on another version, does not get round it', async () => {
    const { body } = await api().request('POST', '/api/workflows/import?save=true', n8n(`touch ${marker('three')}`));
    const parent = await api().request('POST', '/api/workflow/execute', {
      workflow: { nodes: [{ id: 'sub', type: 'workflow', config: { workflow: body.workflow.id } }] },
    });
    expect(parent.status).toBe(202);
    expect(await ended(parent.body.id)).toMatchObject({ status: 'failed', error: { code: 'WORKFLOW_UNTRUSTED' } });
    expect(existsSync(marker('three'))).toBe(false);
  });

  test('what is not valid is kept as a draft, and what uses nothing needs no trust', async () => {
    const node = (name: string, type: string, parameters: object = {}) => ({
      name,
      type: `n8n-nodes-base.${type}`,
      parameters,
    });
    const broken = await api().request('POST', '/api/workflows/import?save=true', {
      nodes: [node('Call', 'executeWorkflow', { workflowId: 'Nobody has this' })],
      connections: {},
    });
    expect(broken.body).toMatchObject({ valid: false, workflow: { draft: true, imported: { trusted: false } } });
    const harmless = await api().request('POST', '/api/workflows/import?save=true', {
      nodes: [node('Nothing', 'noOp')],
      connections: {},
    });
    expect(harmless.body.workflow).toMatchObject({ imported: { trusted: true } });
    expect((await execute(harmless.body.workflow.id)).status).toBe(202);
  });
}
