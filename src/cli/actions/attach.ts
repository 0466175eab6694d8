/** `pointsman attach`: the agent's real tmux session, in this terminal. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import os from 'node:os';
import type { Agent } from '../../contract/agents.ts';
import { isId } from '../../contract/written-ids.ts';
import { isPointsmanError, PointsmanError } from '../../contract/errors.ts';
import { createApiClient } from '../api-client.ts';
import type { CommandIo } from '../command-io.ts';
import { findAgent } from '../find-named.ts';
import { createPrinter } from '../output/printer.ts';
import { homeDirectory, requireServer } from '../server-location.ts';
import type { CommonOptions } from '../session.ts';
import { UsageError } from '../usage-error.ts';

type OwnTerminal = NonNullable<Agent['adopted']>['terminal'];

export async function attach(
  io: CommandIo,
  options: Pick<CommonOptions, 'home'> & { agent: string; readOnly?: boolean },
): Promise<number> {
  if (!io.stdin.isTTY || !io.stdout.isTTY)
    throw new UsageError(
      'Attaching needs a terminal.',
      'Run it in one; to read the screen in a script use GET /api/agents/{id}/screen.',
    );
  const { id, name, sessionName, adopted } = await whichSession(io, options);
  if (adopted) return await attachToOwn(io, { name, terminal: adopted.terminal, readOnly: options.readOnly ?? false });
  const { tmuxSocketOf } = await import('../../server/home.ts');
  const home = homeDirectory(io.env, options.home);
  const socket = tmuxSocketOf(home, id);
  if (!existsSync(socket)) {
    throw new PointsmanError('AGENT_NOT_RUNNING', {
      detail: `${name} has no terminal on this machine under ${home}.`,
      cause: { next: `Start it with \`pointsman agents start ${name}\`, or attach on the machine where it runs.` },
    });
  }
  createPrinter(io).note('Leave with Ctrl-b d; the agent goes on.');
  return await becomeTmux(io, [
    '-S',
    socket,
    'attach-session',
    ...(options.readOnly ? ['-r'] : []),
    ...(sessionName ? ['-t', `=${sessionName}`] : []),
  ]);
}

/** In the tmux server that a person started it in, with that server's own keys. */
async function attachToOwn(
  io: CommandIo,
  { name, terminal, readOnly }: { name: string; terminal: OwnTerminal; readOnly: boolean },
): Promise<number> {
  if (!terminal || !existsSync(terminal.socket))
    throw new PointsmanError('NO_TERMINAL', {
      detail: `${name} runs where a person started it, in no tmux on this machine.`,
      cause: { next: `Restart it with \`pointsman agents restart ${name}\` to have it in a terminal here.` },
    });
  createPrinter(io).note('Leave by detaching; the agent goes on.');
  return await becomeTmux(io, [
    '-S',
    terminal.socket,
    'attach-session',
    ...(readOnly ? ['-r'] : []),
    '-t',
    terminal.paneId,
  ]);
}

/** Agents outlive the server: by its id an agent can be attached to while none runs, its tmux server has that one session. */
async function whichSession(
  io: CommandIo,
  options: { agent: string; home?: string },
): Promise<{ id: string; name: string; sessionName?: string; adopted?: Agent['adopted'] }> {
  try {
    const agent = await findAgent(createApiClient(requireServer(io.env, options.home)), options.agent);
    if (agent.mode !== 'tmux' && !agent.adopted)
      throw new PointsmanError('NO_TERMINAL', { detail: `${agent.name} runs headless: it has no terminal.` });
    return agent;
  } catch (error) {
    if (isPointsmanError(error, 'SERVER_UNREACHABLE') && isId(options.agent.toLowerCase()))
      return { id: options.agent, name: options.agent };
    throw error;
  }
}

function becomeTmux(io: CommandIo, args: string[]): Promise<number> {
  // Set when we are inside another tmux, which is a different server: not the nesting that tmux warns of.
  const { TMUX: _outer, TMUX_PANE: _pane, ...env } = io.env;
  return new Promise((resolve, reject) => {
    const tmux = spawn('tmux', args, { stdio: 'inherit', env });
    tmux.on('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'ENOENT' ? new PointsmanError('TMUX_MISSING') : error),
    );
    tmux.on('exit', (status, signal) => resolve(signal ? 128 + os.constants.signals[signal] : (status ?? 1)));
  });
}
