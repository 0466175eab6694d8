/** Incidents: opened by what fails, taken and resolved by people, over by themselves when it works again. */
import { expect, test } from 'vitest';
import type { Incident, IncidentSummary } from '../../../src/contract/incidents.ts';
import type { DescribedApi } from '../../support/described-api.ts';
import { until } from '../../support/pointsman-process.ts';

export function incidentsApi(api: () => DescribedApi): void {
  test('a step that fails for good alerts once, is taken once and resolved with a note', async () => {
    const workflowId = await saved('Broken build', 'exit 3');
    await executed(workflowId, 'failed');
    await executed(workflowId, 'failed');
    const [incident, ...others] = await incidentsOf(workflowId);
    expect(others).toEqual([]);
    expect(incident).toMatchObject({
      fingerprint: `step:${workflowId}:build:NON_ZERO_EXIT`,
      scope: 'step',
      nodeId: 'build',
      state: 'alert',
      class: 'bug',
      count: 2,
      title: '“build” of “Broken build” failed',
    });
    const id = incident?.id ?? '';
    const whole = (await api().request('GET', `/api/incidents/${id}`)).body as Incident;
    expect(whole.history.map(({ to }) => to)).toEqual(['error', 'logging', 'analysis', 'alert']);
    expect(incident).not.toHaveProperty('history');

    const resolve = (body: unknown) => api().request('POST', `/api/incidents/${id}/resolve`, body);
    const take = () => api().request('POST', `/api/incidents/${id}/take`);
    expect(await resolve({ note: 'too early' })).toMatchObject({
      status: 409,
      body: { code: 'INCIDENT_WRONG_STATE' },
    });
    expect((await take()).body).toMatchObject({ state: 'investigation', takenBy: 'local command line' });
    expect(await take()).toMatchObject({ status: 409, body: { code: 'INCIDENT_WRONG_STATE' } });
    expect(await resolve({})).toMatchObject({ status: 422, body: { problems: [{ path: '/note' }] } });
    expect(await resolve({ note: '  ' })).toMatchObject({ status: 422, body: { problems: [{ path: '/note' }] } });
    expect((await resolve({ note: 'the disk was full' })).body).toMatchObject({
      state: 'normal',
      resolution: { by: 'local command line', note: 'the disk was full' },
    });
    expect(await resolve({ note: 'again' })).toMatchObject({ status: 409 });
    expect(await incidentsOf(workflowId)).toEqual([]);
    const { body: audit } = await api().request('GET', `/api/audit?subject=${id}`);
    expect(audit.map(({ action }: { action: string }) => action)).toEqual(['incident.resolve', 'incident.take']);
    expect((await api().request('GET', '/api/incidents/00000000-0000-7000-8000-000000000000')).body).toMatchObject({
      status: 404,
      code: 'INCIDENT_NOT_FOUND',
    });
  });

  test('it is over by itself once the workflow succeeds again', async () => {
    const workflowId = await saved('Flaky', 'exit 1');
    await executed(workflowId, 'failed');
    expect(await incidentsOf(workflowId)).toHaveLength(1);
    const { headers } = await api().request('GET', `/api/workflows/${workflowId}`);
    await api().request('PUT', `/api/workflows/${workflowId}`, document('Flaky', 'exit 0'), {
      'if-match': headers.get('etag') ?? '*',
    });
    await executed(workflowId, 'succeeded');
    const over = await until('the incident to be over', async () => {
      const { body } = await api().request('GET', '/api/incidents?state=normal&open=false');
      return (body as IncidentSummary[]).find((incident) => incident.workflowId === workflowId);
    });
    const { body } = await api().request('GET', `/api/incidents/${over.id}`);
    expect(body.history.at(-1)).toMatchObject({ event: 'deployed', to: 'normal', by: 'pointsman' });
  });

  test('the list is paged, newest first, and takes only what it knows', async () => {
    const first = await api().request('GET', '/api/incidents?limit=1');
    const next = /<([^>]+)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    const second = await api().request('GET', next);
    expect(second.body[0].id < first.body[0].id).toBe(true);
    expect((await api().request('GET', '/api/incidents?open=maybe')).status).toBe(422);
    expect((await api().request('GET', '/api/incidents?state=bad')).status).toBe(422);
  });

  async function incidentsOf(workflowId: string): Promise<IncidentSummary[]> {
    const { body } = await api().request('GET', '/api/incidents?open=true&limit=200');
    return (body as IncidentSummary[]).filter((incident) => incident.workflowId === workflowId);
  }

  async function saved(name: string, command: string): Promise<string> {
    return (await api().request('POST', '/api/workflows', document(name, command))).body.id;
  }

  async function executed(workflowId: string, status: string): Promise<void> {
    const { body } = await api().request('POST', `/api/workflows/${workflowId}/execute?wait=30`, {});
    expect(body.status).toBe(status);
  }
}

function document(name: string, command: string): object {
  return { name, nodes: [{ id: 'build', type: 'shell', config: { command } }] };
}
