/** What a person runs: a process that looks as Claude Code looks from outside: it runs, and a file says what it does. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export interface OwnSession {
  pid: number;
  conversation: string;
  /** Changes the file: other values of fields, as Claude Code 2.1.330 names them. */
  tells(fields: Record<string, unknown>): void;
  end(): Promise<void>;
}

/** `home`: where it keeps its files, as the person's HOME. */
export function ownSession({ home, cwd }: { home: string; cwd: string }): OwnSession {
  const child = spawn('sleep', ['3600'], {
    cwd,
    env: { HOME: home, PATH: process.env['PATH'] ?? '' },
    stdio: 'ignore',
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const pid = child.pid ?? 0;
  const conversation = randomUUID();
  const sessions = path.join(home, '.claude/sessions');
  mkdirSync(sessions, { recursive: true });
  const file = path.join(sessions, `${pid}.json`);
  const fields: Record<string, unknown> = {
    pid,
    sessionId: conversation,
    cwd,
    startedAt: Date.now(),
    procStart: startTicks(pid),
    kind: 'interactive',
    entrypoint: 'cli',
    name: 'own work',
  };
  const tells = (changes: Record<string, unknown>): void => {
    Object.assign(fields, { statusUpdatedAt: Date.now() }, changes);
    writeFileSync(file, JSON.stringify(fields));
  };
  tells({ status: 'idle' });
  return {
    pid,
    conversation,
    tells,
    async end() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

export function startTicks(pid: number): string {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

/** CLIs leave services running; each has the person's HOME, which is the test's alone. */
export function endProgramsOf(home: string): void {
  for (const name of readdirSync('/proc').filter((one) => /^\d+$/.test(one))) {
    const environment = environmentOf(Number(name));
    if (environment.split('\0').includes(`HOME=${home}`)) process.kill(Number(name), 'SIGKILL');
  }
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return ''; // it has ended, or is another user's
  }
}
