/** Health, readiness, measurements, and the API's description of itself. */
import { expect, test } from 'vitest';
import type { DescribedApi } from '../../support/described-api.ts';

export function operationsApi(api: () => DescribedApi): void {
  test('health and readiness are told to everybody, reasons only to those with an identity', async () => {
    expect((await api().as(null).request('GET', '/healthz')).body).toEqual({ status: 'ok' });
    expect((await api().as(null).request('GET', '/readyz')).body).toEqual({ status: 'ready' });
    expect((await api().request('GET', '/readyz')).body).toMatchObject({
      status: 'ready',
      checks: { database: { ok: true }, start: { ok: true } },
    });
  });

  test('hosts and the doctor tell what this installation is', async () => {
    const { body: hosts } = await api().request('GET', '/api/hosts');
    expect(hosts).toMatchObject([{ roles: ['api', 'worker', 'host'] }]);
    const { body: checks } = await api().request('GET', '/api/doctor');
    expect(checks.map(({ check }: { check: string }) => check)).toEqual(
      expect.arrayContaining(['node', 'tmux', 'database', 'disk']),
    );
  });

  test('measurements are in the form that Prometheus reads', async () => {
    const { body, headers } = await api().request('GET', '/metrics');
    expect(headers.get('content-type')).toContain('version=0.0.4');
    for (const line of body.trim().split('\n'))
      expect(line).toMatch(/^(# (TYPE|HELP) .+|[a-z_]+(\{[^}]*\})? [-\d.e+]+)$/);
  });

  test('the description names full paths, says what each needs, and refers to nothing that is not there', async () => {
    const { body: document } = await api().request('GET', '/api/openapi.json');
    expect(document.openapi).toMatch(/^3\.1\./);
    for (const operation of api().operations) {
      expect(operation.path).toMatch(/^\/(api\/|healthz$|readyz$|metrics$)/);
      const named = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const declared = (operation.parameters ?? [])
        .filter((parameter) => parameter.in === 'path')
        .map(({ name }) => name);
      expect(declared, operation.operationId).toEqual(named);
      expect(operation.description, operation.operationId).toMatch(/^Needs (no identity|the permission `[a-z.]+`)\.$/);
    }
    const known = new Set(Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`));
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, target]) => target);
    expect(references.filter((target) => !known.has(target ?? ''))).toEqual([]);
  });

  test('the description can be read as a page that runs no script', async () => {
    const { body } = await api().request('GET', '/api/docs');
    expect(body).toContain('/api/workflows/{id}/execute');
    expect(body).not.toMatch(/<script|onclick|javascript:/i);
  });
}
