import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { findServer, homeDirectory, requireServer } from './server-location.ts';

function homeWith(server: object | undefined, token?: string): string {
  const home = mkdtempSync(path.join(os.tmpdir(), 'pointsman-home-'));
  onTestFinished(() => rmSync(home, { recursive: true }));
  if (server) writeFileSync(path.join(home, 'server.json'), JSON.stringify(server));
  if (token) writeFileSync(path.join(home, 'token'), `${token}\n`);
  return home;
}

// A process that lives as long as this test and is not this one.
const alive = { pid: process.ppid, startTicks: null, startedAt: '' };
const url = 'http://127.0.0.1:8001';

describe('the server', () => {
  test('of a data directory is found with its token', () => {
    expect(findServer({ POINTSMAN_HOME: homeWith({ ...alive, url }, 'local') })).toEqual({ url, token: 'local' });
  });

  test('of a data directory is none when its process has ended: another program may have the port', () => {
    const home = homeWith({ ...alive, pid: 2 ** 22 + 1, url }, 'local');
    expect(findServer({ POINTSMAN_HOME: home })).toBe(null);
    expect(() => requireServer({ POINTSMAN_HOME: home })).toThrow(home);
  });

  test.skipIf(process.platform !== 'linux')(
    'of a data directory is none when its process has ended and its parent does not notice (on Linux, which tells)',
    async () => {
      // What the shell has started ends as the child of a program that never asks for it.
      const parent = spawn('sh', ['-c', 'sleep 0.5 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
      onTestFinished(() => void parent.kill('SIGKILL'));
      const [said] = (await once(parent.stdout, 'data')) as [Buffer];
      const pid = Number(said);
      await vi.waitFor(() => expect(readFileSync(`/proc/${pid}/stat`, 'latin1')).toContain(') Z '), {
        timeout: 10_000,
      });
      expect(findServer({ POINTSMAN_HOME: homeWith({ ...alive, pid, url }, 'local') })).toBe(null);
    },
  );

  test('that still starts is not ready', () => {
    expect(() => findServer({ POINTSMAN_HOME: homeWith({ ...alive, url: null }, 'local') })).toThrow(
      'Pointsman is starting',
    );
  });

  test('named by the environment needs its own token: the local one is never sent there', () => {
    const env = { POINTSMAN_HOME: homeWith({ ...alive, url }, 'local'), POINTSMAN_URL: 'https://team.example/' };
    expect(() => findServer(env)).toThrow('no token');
    expect(findServer({ ...env, POINTSMAN_TOKEN: 't' })).toEqual({ url: 'https://team.example', token: 't' });
  });

  test('of a home named by flag wins over the environment', () => {
    expect(findServer({ POINTSMAN_URL: 'https://team.example' }, homeWith({ ...alive, url }, 'local'))).toEqual({
      url,
      token: 'local',
    });
  });
});

test('the data directory is the flag, else the variable, else one in the home of the user', () => {
  expect(homeDirectory({ POINTSMAN_HOME: '/b' }, '/a')).toBe('/a');
  expect(homeDirectory({ POINTSMAN_HOME: '/b' })).toBe('/b');
  expect(homeDirectory({})).toBe(path.join(os.homedir(), '.pointsman'));
});
