import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readExposition, valueOf } from '../../../test/support/read-exposition.ts';
import type { Step } from '../../contract/executions.ts';
import type { ExecutionRecord } from '../../ports/store/executions.ts';
import { exposition } from './exposition.ts';
import { ProcessMeter } from './process-meter.ts';
import { storeFamilies } from './store-families.ts';

let now = 0;
let meter: ProcessMeter;
beforeEach(() => {
  now = 1_000_000;
  meter = new ProcessMeter(() => now);
});
afterEach(() => meter.close());

const told = () => readExposition(exposition(meter.families()));

describe('what a process counts', () => {
  it('puts requests into buckets by route, method and status', () => {
    const request = { method: 'GET', route: '/api/agents/{id}', status: 200, principalId: 'a' };
    for (const seconds of [0.004, 0.005, 0.3, 60]) meter.answered({ ...request, seconds });
    const families = told();
    const labels = {
      http_request_method: 'GET',
      http_route: '/api/agents/{id}',
      http_response_status_code: '200',
    };
    const upTo = (le: string) => valueOf(families, 'http_server_request_duration_seconds_bucket', { ...labels, le });
    expect([upTo('0.005'), upTo('0.25'), upTo('0.5'), upTo('10'), upTo('+Inf')]).toEqual([2, 2, 3, 3, 4]);
    expect(valueOf(families, 'http_server_request_duration_seconds_sum', labels)).toBeCloseTo(60.309);
  });

  it('counts people who asked lately or are connected, each once', () => {
    meter.answered({ method: 'GET', route: '/', status: 200, seconds: 0, principalId: 'ada' });
    meter.answered({ method: 'GET', route: '/', status: 200, seconds: 0, principalId: 'bob' });
    meter.answered({ method: 'GET', route: '/', status: 401, seconds: 0, principalId: null });
    const end = meter.connected('updates', 'ada');
    expect(valueOf(told(), 'pointsman_active_users')).toBe(2);
    expect(valueOf(told(), 'pointsman_websocket_clients', { endpoint: 'updates' })).toBe(1);
    now += 301_000;
    expect(valueOf(told(), 'pointsman_active_users')).toBe(1);
    end();
    expect(valueOf(told(), 'pointsman_websocket_clients', { endpoint: 'updates' })).toBe(0);
    now += 301_000;
    expect(valueOf(told(), 'pointsman_active_users')).toBe(0);
  });

  it('counts an execution once at its beginning and once at its end, and each attempt that ended', () => {
    const record = (changes: Partial<ExecutionRecord>) => changes as ExecutionRecord;
    const at = (second: number) => new Date(second * 1000).toISOString();
    const begun = record({ startedAt: at(1), finishedAt: null });
    const steps = [
      { status: 'failed', startedAt: at(1), finishedAt: at(3) },
      { status: 'running', startedAt: at(3) },
      { status: 'skipped', finishedAt: at(3) },
    ] as Step[];
    meter.visited({ before: record({ startedAt: null, finishedAt: null }), after: begun, steps: [] });
    meter.visited({ before: begun, after: begun, steps });
    meter.visited({ before: begun, after: record({ finishedAt: at(4), status: 'failed' }), steps: [] });
    const families = told();
    expect(valueOf(families, 'pointsman_executions_started_total')).toBe(1);
    expect(valueOf(families, 'pointsman_executions_finished_total', { result: 'failed' })).toBe(1);
    expect(valueOf(families, 'pointsman_executions_finished_total', { result: 'succeeded' })).toBe(0);
    expect(valueOf(families, 'pointsman_steps_finished_total', { result: 'skipped' })).toBe(1);
    expect(valueOf(families, 'pointsman_step_duration_seconds_sum', { result: 'failed' })).toBe(2);
  });

  it('tells of every end of a task before the first one', () => {
    meter.taskEnded('delivery_unknown');
    const results = told()
      .get('pointsman_tasks_finished_total')
      ?.samples.map(({ labels, value }) => [labels, value]);
    expect(results).toEqual([
      [{ result: 'succeeded' }, 0],
      [{ result: 'failed' }, 0],
      [{ result: 'cancelled' }, 0],
      [{ result: 'timed_out' }, 0],
      [{ result: 'delivery_unknown' }, 1],
    ]);
  });
});

describe('what a process takes', () => {
  it('is told of connections that are over and of those that are open', async () => {
    const server = createServer((socket) => void socket.resume().write('four'));
    meter.watch(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const bytes = (direction: string) => valueOf(told(), 'process_network_bytes_total', { direction });
    const say = async (text: string) => {
      const socket = connect(port, '127.0.0.1');
      socket.write(text);
      await once(socket, 'data');
      return socket;
    };
    const open = await say('ab');
    await vi.waitFor(() => expect([bytes('received'), bytes('sent')]).toEqual([2, 4]));
    open.end();
    (await say('c')).end();
    await vi.waitFor(() => expect([bytes('received'), bytes('sent')]).toEqual([3, 8]));
    await new Promise((resolve) => server.close(resolve));
    expect([bytes('received'), bytes('sent')]).toEqual([3, 8]);
  });
});

describe('the text', () => {
  it('escapes what labels and help may hold', () => {
    const odd = 'a"b\\c\nd';
    const text = exposition([
      { name: 'x_total', help: 'one\ntwo', type: 'counter', samples: [{ labels: { odd }, value: 1 }] },
    ]);
    expect(text.split('\n')).toHaveLength(4);
    expect(readExposition(text).get('x_total')?.samples).toEqual([{ name: 'x_total', labels: { odd }, value: 1 }]);
  });

  it('says only that the database is down when it is', async () => {
    const families = await storeFamilies({ figures: () => Promise.reject(new Error('away')) });
    expect(exposition(families)).toMatch(
      /^# HELP pointsman_database_up .+\n# TYPE .+ gauge\npointsman_database_up 0\n$/,
    );
  });
});
