/** `pointsman adopt`: sessions that people run themselves, and taking one in. */
import type { AdoptableSession, AdoptSession } from '../../contract/agents.ts';
import type { CommandIo } from '../command-io.ts';
import { statusColour } from '../output/paint.ts';
import { printable } from '../output/printable-text.ts';
import type { Printer } from '../output/printer.ts';
import { ago } from '../output/quantities.ts';
import { type CommonOptions, openSession } from '../session.ts';
import { UsageError } from '../usage-error.ts';

export interface AdoptOptions extends CommonOptions {
  /** Process id or tmux pane; without one they are listed. */
  session?: string;
  list?: boolean;
  name?: string;
  role?: string;
  capability?: string[];
  permissionMode?: NonNullable<AdoptSession['permissionMode']>;
}

export async function adopt(io: CommandIo, options: AdoptOptions): Promise<void> {
  const { api, print } = openSession(io, options);
  if (options.session === undefined || options.list) {
    const found = await api.call('listAdoptable', {});
    if (options.json) return print.json(found);
    listSessions(print, found);
    if (found.length > 0) print.note('Take one in with `pointsman adopt PID`; nothing of it is touched.');
    return;
  }
  const session = options.session.startsWith('%')
    ? inPane(await api.call('listAdoptable', {}), options.session)
    : options.session;
  const agent = await api.call('adoptAgent', {
    body: {
      session,
      ...(options.name === undefined ? {} : { name: options.name }),
      ...(options.role === undefined ? {} : { role: options.role }),
      ...(options.capability ? { capabilities: options.capability } : {}),
      ...(options.permissionMode ? { permissionMode: options.permissionMode } : {}),
    },
  });
  if (options.json) print.json(agent);
  else print.line(agent.id);
  print.note(
    `Adopted ${printable(agent.name)} (${print.paintError(statusColour(agent.status), agent.status)}). It goes on where it is; ` +
      `it takes tasks after \`pointsman agents restart ${printable(agent.name)}\`, in the same conversation.`,
  );
}

function listSessions(print: Printer, sessions: readonly AdoptableSession[]): void {
  print.table<AdoptableSession>(
    [
      { title: 'PID', value: ({ pid }) => String(pid), align: 'right' },
      { title: 'KIND', value: ({ kind }) => kind },
      { title: 'NAME', value: ({ title }) => title ?? '-', shrinks: true },
      { title: 'SINCE', value: ({ since }) => ago(since) },
      {
        title: 'TERMINAL',
        value: ({ terminal }) => (terminal ? `${terminal.sessionName} ${terminal.paneId}` : '-'),
        shrinks: true,
      },
      { title: 'DIRECTORY', value: ({ directory }) => directory, shrinks: true },
    ],
    [...sessions],
    'No session of an agent CLI runs here outside of Pointsman.',
  );
}

/** Panes are numbered in each tmux server anew. */
function inPane(sessions: readonly AdoptableSession[], pane: string): string {
  const [found, ...others] = sessions.filter(({ terminal }) => terminal?.paneId === pane);
  if (!found)
    throw new UsageError(`No session runs in pane ${pane}.`, 'See what can be adopted with `pointsman adopt --list`.');
  if (others.length > 0)
    throw new UsageError(
      `Pane ${pane} is one of ${others.length + 1} tmux servers: ${[found, ...others].map(({ pid, terminal }) => `${pid} (${terminal?.socket})`).join(', ')}.`,
      'Name the process id instead.',
    );
  return found.session;
}
