/** What a tmux server says it holds, to be compared with what we remember of a session. */
import { setTimeout as delay } from 'node:timers/promises';
import type { ControlClient } from './control-client.ts';
import { PANE_END, readPaneEnd, type PaneEnd } from './pane-end.ts';
import { readStartTicks } from './process-table.ts';
import type { ProcessIdentity } from './process-tree.ts';
import { checkedPane } from './tmux-commands.ts';
import { runTmux, type Ground } from './tmux-ground.ts';
import { remindServer, type ServerFiles } from './tmux-server.ts';

/** What tmux says of the session ; no field holds a space, none is text of the agent. */
const IDENTITY = `#{pid} #{session_name} #{@pointsman_agent} #{pane_id} #{pane_pid} #{pane_width} #{pane_height} ${PANE_END}`;

export interface Identity {
  serverPid: number;
  sessionName: string;
  agentId: string;
  paneId: string;
  panePid: number;
  cols: number;
  rows: number;
  end: PaneEnd;
}

const LOOKS = 25;
const LOOK_AGAIN_MS = 10;

/** Asked before anything of the screen is, so that nothing a pane shows can be taken for the answer. */
export async function identify(client: ControlClient): Promise<Identity | null> {
  for (let look = 1; ; look++) {
    const [reply] = await client.request([`display-message -p '${IDENTITY}'`]);
    const identity = readIdentity(reply?.lines[0]?.toString() ?? '');
    if (identity === null || look === LOOKS) return identity;
    const uncollected = identity.end.how === 'alive' && (await readStartTicks(identity.panePid)) === null;
    if (!uncollected && identity.end.how !== 'unclear') return identity;
    const server = await identityOf(identity.serverPid);
    if (server !== null) remindServer(server); // it has missed the end of its program
    await delay(LOOK_AGAIN_MS);
  }
}

/** A control client whose program was killed while output waited for it never ends, nor does its server then. */
export async function endStaleClients(client: ControlClient): Promise<void> {
  const [own, all] = await client.request([
    `display-message -p '#{client_pid}'`,
    `list-clients -F '#{client_pid} #{client_control_mode}'`,
  ]);
  for (const line of all?.lines ?? []) {
    const [pid, isControl] = line.toString().split(' ');
    if (isControl !== '1' || pid === own?.lines[0]?.toString()) continue;
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // it has ended by itself
    }
  }
}

/** Of a session nobody here holds, without attaching to it. */
export async function askOnce(ground: Ground, sessionName: string, files: ServerFiles): Promise<Identity | null> {
  const args = ['-u', '-S', files.socket, 'display-message', '-p', '-t', `=${sessionName}:`, IDENTITY];
  return runTmux(ground, args, '/').then(
    (printed) => readIdentity(printed.trimEnd()),
    () => null,
  );
}

function readIdentity(line: string): Identity | null {
  const [serverPid, sessionName = '', agentId = '', paneId = '', panePid, cols, rows, ...end] = line.split(' ');
  if (!/^%\d+$/.test(paneId)) return null;
  return {
    serverPid: Number(serverPid),
    sessionName,
    agentId,
    paneId: checkedPane(paneId),
    panePid: Number(panePid),
    cols: Number(cols),
    rows: Number(rows),
    end: readPaneEnd(end.join(' ')),
  };
}

export async function identityOf(pid: number): Promise<ProcessIdentity | null> {
  const startTicks = await readStartTicks(pid);
  return startTicks === null ? null : { pid, startTicks };
}
