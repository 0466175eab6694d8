/** For tests: hosts in a directory of their own, and nothing of them left when the test is over, failed or not. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { AgentHost, AgentSession, SessionRef, SessionSpec } from '../../../ports/agent-host.ts';
import { shortDirectory } from '../private-directory.ts';
import { createTmuxHost } from '../tmux-host.ts';

export interface Place {
  /** For whatever files the test needs; its run directory is `run` in it. */
  directory: string;
  runDirectory: string;
  /** One more host on the same run directory. */
  host(): AgentHost;
}

export async function temporaryPlace(options: { runName?: string } = {}): Promise<Place> {
  const directory = await mkdtemp(join(tmpdir(), 'pm-tmux-'));
  const runDirectory = join(directory, options.runName ?? 'run');
  const hosts: AgentHost[] = [];
  onTestFinished(async () => {
    for (const host of hosts) await host.close();
    for (const place of [runDirectory, shortDirectory(runDirectory)]) await endServersIn(place);
    await rm(directory, { recursive: true, force: true });
    await rm(shortDirectory(runDirectory), { recursive: true, force: true });
  });
  return {
    directory,
    runDirectory,
    host() {
      const host = createTmuxHost({ runDirectory });
      hosts.push(host);
      return host;
    },
  };
}

async function endServersIn(directory: string): Promise<void> {
  for (const name of await readdir(directory).catch(() => [])) {
    if (!name.endsWith('.sock')) continue;
    try {
      const ask = ['-S', join(directory, name), 'display-message', '-p', '#{pid}'];
      // Not kill-server: it waits for clients that a test may have stopped.
      process.kill(
        Number(execFileSync('tmux', ask, { stdio: ['ignore', 'pipe', 'ignore'], timeout: 5_000 }).toString()),
        'SIGKILL',
      );
    } catch {
      // it had ended
    }
  }
}

export async function opened(
  host: AgentHost,
  spec: Partial<SessionSpec> & { argv: SessionSpec['argv'] },
): Promise<AgentSession> {
  const outcome = await host.open({
    agentId: randomUUID(),
    cwd: tmpdir(),
    env: { PATH: process.env.PATH ?? '' },
    cols: 80,
    rows: 24,
    ...spec,
  });
  if (outcome.outcome === 'failed') throw new Error(`${outcome.code}: ${outcome.reason}`);
  return outcome.session;
}

/** A session held and watched by another process, which a test may end or stop. */
export async function hostProcess(
  place: Place,
  argv: readonly string[],
): Promise<{ child: ChildProcess; ref: SessionRef; repaints: string[] }> {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'host-process.ts'), place.runDirectory, randomUUID(), ...argv],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  const repaints: string[] = [];
  const ref = new Promise<SessionRef>((resolve) => {
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const message = JSON.parse(line) as { ref?: SessionRef; repaint?: string };
      if (message.ref !== undefined) resolve(message.ref);
      if (message.repaint !== undefined) repaints.push(message.repaint);
    });
  });
  return { child, ref: await within(ref, 'the session of the host process'), repaints };
}

/** The promise's value, or a failure that says what did not come. */
export async function within<T>(promise: Promise<T>, what: string, ms = 15_000): Promise<T> {
  return Promise.race([
    promise,
    delay(ms, undefined, { ref: false }).then(() => {
      throw new Error(`not within ${ms} ms: ${what}`);
    }),
  ]);
}

/** Looks until something is there; the time only says when to give up. */
export async function eventually<T>(look: () => T | Promise<T>, what: string, ms = 15_000): Promise<NonNullable<T>> {
  const start = performance.now();
  for (;;) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found as NonNullable<T>;
    if (performance.now() - start > ms) throw new Error(`not within ${ms} ms: ${what}`);
    await delay(15);
  }
}

export async function textShown(session: AgentSession, text: string, ms?: number): Promise<string> {
  let screen = '';
  const shown = eventually(
    async () => (screen = await session.screen('text')).includes(text),
    `${JSON.stringify(text)} on the screen`,
    ms,
  );
  return shown.then(
    () => screen,
    (error: Error) => {
      throw new Error(`${error.message}, which shows:\n${screen}`, { cause: error });
    },
  );
}
