/**
 * The panes of this user's own tmux servers. Asks them by single commands and never attaches: no hook of theirs runs, no
 * window changes its size, no client is seen in their lists.
 */
import { execFile } from 'node:child_process';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ForeignTerminal } from '../../../ports/agent-host.ts';
import { ControlProtocol, type ControlReply } from '../control-protocol.ts';

const ANSWERS_WITHIN_MS = 2_000; // a server that is stuck is passed over
const LARGEST_SCREEN = 16 << 20;

/** By the process id of what was started in them. `settings`: values of TMUX, which name servers at any place. */
export async function findPanes(
  tmux: string,
  settings: readonly string[],
): Promise<ReadonlyMap<number, ForeignTerminal>> {
  const sockets = new Set([...settings.map(socketIn), ...(await usualSockets())].filter((socket) => socket !== ''));
  const found = new Map<number, ForeignTerminal>();
  await Promise.all(
    [...sockets].map(async (socket) => {
      for (const [pid, pane] of await panesOf(tmux, socket)) found.set(pid, pane);
    }),
  );
  return found;
}

export async function panesOf(tmux: string, socket: string): Promise<ReadonlyMap<number, ForeignTerminal>> {
  const panes = new Map<number, ForeignTerminal>();
  if (!(await isOwnSocket(socket))) return panes;
  const [reply] = await askTmux(tmux, socket, [`list-panes -a -F '#{pane_id} #{pane_pid} #{session_name}'`]);
  for (const line of reply?.lines ?? []) {
    const [, paneId, pid, sessionName] = /^(%\d{1,9}) (\d+) (.*)$/.exec(line.toString()) ?? [];
    if (paneId !== undefined && !panes.has(Number(pid)))
      panes.set(Number(pid), { socket, paneId, sessionName: sessionName ?? '' });
  }
  return panes;
}

/** Replies of one line of commands, hence of one instant; none when no server answers. Each command is one of ours. */
export function askTmux(tmux: string, socket: string, commands: readonly string[]): Promise<ControlReply[]> {
  const args = commands.flatMap((command, index) => [...(index === 0 ? [] : [';']), ...wordsOf(command)]);
  return new Promise((resolve) => {
    // In control mode each reply stands between two marks, and without attaching the client ends after the last.
    const words = ['-u', '-S', socket, '-C', ...args];
    execFile(
      tmux,
      words,
      { env: {}, cwd: '/', encoding: 'buffer', timeout: ANSWERS_WITHIN_MS, maxBuffer: LARGEST_SCREEN },
      (_error, stdout) => {
        const replies: ControlReply[] = [];
        const protocol = new ControlProtocol({
          output: () => undefined,
          notification: () => undefined,
          replyBegins: () => 'opaque',
          reply: (reply) => replies.push(reply),
          foreignReply: (reply) => replies.push(reply),
        });
        protocol.push(stdout);
        resolve(replies.some(({ failed }) => failed) ? [] : replies);
      },
    );
  });
}

/** As tmux would take a command line apart; what we write has no quotes inside quotes. */
function wordsOf(command: string): string[] {
  return (command.match(/'[^']*'|"[^"]*"|\S+/g) ?? []).map((word) => word.replace(/^(['"])(.*)\1$/s, '$2'));
}

/** TMUX is `socket,server pid,session`; a path may hold commas. */
function socketIn(setting: string): string {
  return /^(\/.*),\d+,\d+$/.exec(setting)?.[1] ?? '';
}

async function usualSockets(): Promise<string[]> {
  const directory = join(process.env['TMUX_TMPDIR'] || '/tmp', `tmux-${process.getuid?.() ?? 0}`);
  return (await readdir(directory).catch(() => [])).map((name) => join(directory, name));
}

/** Who could lay a socket of another user's before us could show us what is not there. */
async function isOwnSocket(socket: string): Promise<boolean> {
  const found = await lstat(socket).catch(() => null);
  return found !== null && found.isSocket() && found.uid === process.getuid?.();
}
