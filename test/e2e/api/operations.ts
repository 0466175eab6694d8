/** Health, readiness, measurements, and the API's description of itself. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { DescribedApi } from '../../support/described-api.ts';
import { readExposition, valueOf } from '../../support/read-exposition.ts';

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

  test('who did what is told to administrators, newest first, page by page, and by who, what and whereto', async () => {
    const name = `audited_${Date.now()}`;
    const { body: rule } = await api().request('POST', '/api/policies', { effect: 'deny', tool: name });
    await api().request('DELETE', `/api/policies/${rule.id}`);
    const { body: own } = await api().request('GET', `/api/audit?subject=${rule.id}`);
    expect(own).toMatchObject([
      { action: 'policy.remove', subject: rule.id },
      { action: 'policy.create', subject: rule.id, actor: own[0].actor },
    ]);
    const found = async (query: string) => (await api().request('GET', `/api/audit?${query}`)).body;
    expect(await found(`subject=${rule.id}&action=policy`)).toEqual(own);
    expect(await found(`subject=${rule.id}&action=policy.create`)).toEqual(own.slice(1));
    expect(await found(`subject=${rule.id}&actor=nobody`)).toEqual([]);
    const first = await api().request('GET', '/api/audit?limit=1');
    const next = /<([^>]+)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    const [older] = (await api().request('GET', next)).body;
    expect(older.seq).toBeLessThan(first.body[0].seq);
    expect((await api().request('GET', '/api/audit?cursor=x')).status).toBe(422);
  });

  test('the audit is read from its beginning too, and proves that it was not rewritten', async () => {
    const { body: oldest } = await api().request('GET', '/api/audit?order=oldest&limit=2');
    expect(oldest[0].seq).toBeLessThan(oldest[1].seq);
    const { body: newest } = await api().request('GET', '/api/audit?limit=1');
    expect(newest[0].seq).toBeGreaterThanOrEqual(oldest[1].seq);
    const { body: verdict } = await api().request('GET', '/api/audit/verify');
    expect(verdict).toMatchObject({ intact: true, problems: [] });
    expect(verdict.entries).toBeGreaterThan(1);
    expect((await api().request('GET', '/api/audit?order=loudest')).body.problems).toMatchObject([{ path: '/order' }]);
  });

  test('the settings in force are told with what they mean, and no secret', async () => {
    const { body: settings } = await api().request('GET', '/api/settings');
    const byName = new Map(settings.map((setting: { name: string }) => [setting.name, setting]));
    expect(byName.get('host')).toMatchObject({ variable: 'POINTSMAN_HOST', value: '127.0.0.1', default: '127.0.0.1' });
    expect(byName.get('database_url')).toMatchObject({ value: '***', default: null });
    expect(byName.get('roles')).toMatchObject({ value: ['api', 'worker', 'host'] });
    for (const { meaning } of settings) expect(meaning).toMatch(/\.$/);
  });

  test('how long things are kept and how much is stored is told; unless it is configured, executions stay for ever', async () => {
    const nodes = [{ id: 'only', type: 'shell', config: { command: 'true' } }];
    await api().request('POST', '/api/workflow/execute?wait=30', { workflow: { name: 'Kept', nodes } });
    const { body } = await api().request('GET', '/api/retention');
    expect(body.keep).toEqual(
      expect.arrayContaining([
        { what: 'executions', days: null },
        { what: 'events', days: 1 },
        { what: 'audit', days: null },
      ]),
    );
    expect(body.lastRun).toBeNull();
    const { executions, ended, oldestEndedAt, bytes } = body.stored;
    expect(ended).toBeGreaterThan(0);
    expect(executions).toBeGreaterThanOrEqual(ended);
    expect(Date.parse(oldestEndedAt)).toBeLessThanOrEqual(Date.now());
    const { total, ...parts } = bytes as Record<string, number>;
    expect(Object.values(parts).reduce((sum, part) => sum + part, 0)).toBeLessThan(total ?? 0);
  });

  test('measurements are in the form that Prometheus reads, and count what was done', async () => {
    const read = async () => {
      const { body, headers } = await api().request('GET', '/metrics');
      expect(headers.get('content-type')).toContain('version=0.0.4');
      return readExposition(body);
    };
    const before = await read();
    for (let n = 0; n < 7; n += 1) await api().request('GET', '/api/hosts');
    await api().as(null).request('GET', '/api/hosts');
    const nodes = (command: string) => [{ id: 'only', type: 'shell', config: { command } }];
    for (const command of ['true', 'true', 'exit 1'])
      await api().request('POST', '/api/workflow/execute?wait=30', {
        workflow: { name: 'Measured', nodes: nodes(command) },
      });
    const after = await read();

    const grown = (name: string, labels: Record<string, string>) =>
      valueOf(after, name, labels) - (isTold(before, name, labels) ? valueOf(before, name, labels) : 0);
    const hosts = { http_request_method: 'GET', http_route: '/api/hosts' };
    const requests = 'http_server_request_duration_seconds_count';
    expect(grown(requests, { ...hosts, http_response_status_code: '200' })).toBe(7);
    expect(grown(requests, { ...hosts, http_response_status_code: '401' })).toBe(1);
    expect(grown('pointsman_executions_started_total', {})).toBe(3);
    expect(grown('pointsman_executions_finished_total', { result: 'succeeded' })).toBe(2);
    expect(grown('pointsman_executions_finished_total', { result: 'failed' })).toBe(1);
    expect(grown('pointsman_steps_finished_total', { result: 'succeeded' })).toBe(2);
    expect(grown('pointsman_incidents_open', { class: 'bug' })).toBe(1);
    expect(valueOf(after, 'pointsman_database_up')).toBe(1);
    expect(valueOf(after, 'pointsman_active_users')).toBeGreaterThan(0);
    expect(valueOf(after, 'process_resident_memory_bytes')).toBeGreaterThan(10_000_000);
    // Few series, whatever is asked for: an address with an id in it is its route.
    const routes = after.get('http_server_request_duration_seconds')?.samples.map(({ labels }) => labels['http_route']);
    expect(routes?.filter((route) => /[0-9a-f]{8}-/.test(route ?? ''))).toEqual([]);
  });

  test('every measurement is described in the documentation, and no other', async () => {
    const { body } = await api().request('GET', '/metrics');
    const documented = [
      ...readFileSync(path.resolve('docs/operations.md'), 'utf8').matchAll(
        /^\| `((?:pointsman|process|nodejs|http)_[a-z0-9_]+)`/gm,
      ),
    ].map(([, name]) => name);
    expect(documented.toSorted()).toEqual([...readExposition(body).keys()].toSorted());
  });

  test('the rules for alerts ask only for what is measured', async () => {
    const families = readExposition((await api().request('GET', '/metrics')).body);
    const { groups } = parse(readFileSync(path.resolve('docs/prometheus-alerts.yaml'), 'utf8')) as {
      groups: { rules: { expr: string }[] }[];
    };
    const rules = groups.flatMap((group) => group.rules);
    expect(rules.length).toBeGreaterThan(5);
    for (const { expr } of rules) {
      const asked = [...expr.matchAll(/\b(?:pointsman|process|nodejs|http_server)_[a-z0-9_]+/g)].map(([name]) => name);
      expect(asked).not.toEqual([]);
      for (const name of asked) expect(families.has(name.replace(/_(bucket|count|sum)$/, '')), name).toBe(true);
      const labels = [...expr.matchAll(/(\w+)(?:=~|!~|!=|=)"/g)].map(([, label]) => label ?? '');
      const told = new Set(
        [...families.values()].flatMap(({ samples }) => samples.flatMap((sample) => Object.keys(sample.labels))),
      );
      for (const label of labels) expect(told.has(label), `${label} of ${expr}`).toBe(true);
    }
  });

  test('the description names full paths, says what each needs, and refers to nothing that is not there', async () => {
    const { body: document } = await api().request('GET', '/api/openapi.json');
    expect(document.openapi).toMatch(/^3\.1\./);
    for (const operation of api().operations) {
      expect(operation.path).toMatch(/^\/(api\/|hooks\/|healthz$|readyz$|metrics$)/);
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

/** A series is there from the first time on. */
function isTold(families: ReturnType<typeof readExposition>, name: string, labels: Record<string, string>): boolean {
  return [...families.values()].some(({ samples }) =>
    samples.some(
      (sample) =>
        sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
    ),
  );
}
