/** A server that cannot or must not start says so in a line that tells what to do, and leaves nothing behind. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeHome, removeHome, spawnPointsman, startPointsman } from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { untilAgent } from '../support/shell-agents.ts';

let database: TestDatabase;
const homes: string[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(async () => {
  for (const home of homes) await removeHome(home);
  await database.drop();
});

describe('a server refuses to start', () => {
  test('a second time on the same data directory, and the first one goes on', async () => {
    const home = newHome();
    const first = await startPointsman({ home, env: { POINTSMAN_DATABASE_URL: database.url } });
    const second = await ended(home);
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(String(first.pid));
    expect(second.stderr).toContain(first.url);
    expect(second.stderr).toContain('pointsman down');
    expect((await first.request('GET', '/api/me')).status).toBe(200);
    await first.kill('SIGTERM');
    const third = await startPointsman({ home, env: { POINTSMAN_DATABASE_URL: database.url } });
    await third.kill('SIGKILL');
    // What a killed server left behind does not keep the next one away.
    await (await startPointsman({ home, env: { POINTSMAN_DATABASE_URL: database.url } })).kill('SIGTERM');
  });

  test('on a port that another program uses', async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) =>
      other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port)),
    );
    const home = newHome();
    const { code, stderr } = await ended(home, { POINTSMAN_PORT: String(port) });
    other.close();
    expect(code).toBe(1);
    expect(stderr).toContain(`Port ${port} of 127.0.0.1 is in use`);
    expect(stderr).toContain('POINTSMAN_PORT');
    expect(existsSync(path.join(home, 'server.json'))).toBe(false);
  });

  test('in a data directory that cannot be made or written', async () => {
    const place = newHome();
    const file = path.join(place, 'a file');
    writeFileSync(file, '');
    const { code, stderr } = await ended(path.join(file, 'home'));
    expect(code).toBe(1);
    expect(stderr).toContain(file);
    expect(stderr).toContain('POINTSMAN_HOME');
    // Modes do not hold root back.
    if (process.getuid?.() === 0) return;
    chmodSync(place, 0o500);
    expect(await ended(path.join(place, 'home'))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('POINTSMAN_HOME'),
    });
    chmodSync(place, 0o700);
  });

  test.each([
    ['a variable that is no setting', { POINTSMAN_PROT: '8002' }, 'POINTSMAN_PORT'],
    ['a value that is none', { POINTSMAN_PORT: 'high' }, 'POINTSMAN_PORT'],
    ['a database that is none', { POINTSMAN_DATABASE_URL: 'mysql://x' }, 'postgres://'],
  ])('with %s', async (_what, env, hint) => {
    const { code, stderr } = await ended(newHome(), env);
    expect(code).toBe(2);
    expect(stderr).toContain(hint);
  });

  test('on an address that other machines can reach, as long as nobody has a password and nothing is encrypted', async () => {
    for (const host of ['0.0.0.0', '::']) {
      const { code, stderr } = await ended(newHome(), { POINTSMAN_HOST: host });
      expect(code).toBe(1);
      expect(stderr).toContain(host);
      expect(stderr).toMatch(/TLS or a trusted proxy/);
      expect(stderr.trim().split('\n').length).toBeLessThanOrEqual(2);
    }
    const file = path.join(newHome(), 'password');
    writeFileSync(file, 'a long password');
    expect(await ended(newHome(), { POINTSMAN_HOST: '0.0.0.0', POINTSMAN_ADMIN_PASSWORD_FILE: file })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('TLS'),
    });
  });

  test('with a database that does not answer', async () => {
    const { code, stderr, took } = await ended(newHome(), {
      POINTSMAN_DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/database/i);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(took).toBeLessThan(20_000);
  });
});

describe('without tmux', () => {
  test('the server starts, and an agent says what to install', async () => {
    const home = newHome();
    const bin = path.join(home, 'bin');
    mkdirSync(bin);
    for (const program of ['bash', 'sh', 'env', 'cat', 'ps', 'git', 'id'])
      symlinkSync(execFileSync('which', [program], { encoding: 'utf8' }).trim(), path.join(bin, program));
    const server = await startPointsman({ home, env: { POINTSMAN_DATABASE_URL: database.url, PATH: bin } });
    const { body: agent } = await server.request('POST', '/api/agents', {
      name: 'without tmux',
      kind: 'shell',
      workspace: { path: home },
      autostart: true,
    });
    const seen = await untilAgent(server, agent.id, 'crashed');
    expect(seen.statusReason).toMatch(/tmux.*(not|install)/i);
    const doctor = (await server.request('GET', '/api/doctor')).body as {
      check: string;
      status: string;
      next?: string;
    }[];
    expect(doctor.find(({ check }) => check === 'tmux')).toMatchObject({
      status: 'failed',
      next: expect.stringContaining('apt-get install tmux'),
    });
    expect((await server.request('GET', '/readyz')).status).toBe(200);
    await server.kill('SIGTERM');
  });
});

function newHome(): string {
  const home = makeHome();
  homes.push(home);
  return home;
}

async function ended(
  home: string,
  env: Record<string, string> = {},
): Promise<{ code: number | null; stderr: string; took: number }> {
  const begin = Date.now();
  const child = spawnPointsman({ home, env: { POINTSMAN_DATABASE_URL: database.url, ...env } });
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, stderr, took: Date.now() - begin };
}
