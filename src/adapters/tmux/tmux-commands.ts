/**
 * Every text we give to tmux, and nothing else may write one: configuration, launch file and control commands.
 * User text never comes here except quoted in the launch file; ids are checked, paths are of a plain alphabet.
 */
import type { TerminalSize } from '../../ports/agent-host.ts';
import { atLeast, type TmuxVersion } from './tmux-version.ts';

/** tmux lives by itself in our sockets: no key of a person's own configuration, nothing that runs or names by what a pane prints. */
export const CONFIGURATION = `set -s escape-time 0
set -s message-limit 20
set -sq set-clipboard off
set -g default-terminal ${process.platform === 'darwin' ? 'screen-256color' : 'tmux-256color'}
set -g status off
set -g history-limit 5000
set -g set-titles off
set -g update-environment ''
set -g destroy-unattached off
set -g detach-on-destroy on
set -g lock-after-time 0
set -g visual-activity off
set -g bell-action none
set -gw remain-on-exit on
set -gwq remain-on-exit-format ''
set -gw automatic-rename off
set -gw allow-rename off
set -gwq allow-passthrough off
`;

const AGENT_ID = /^[0-9a-z][0-9a-z-]{0,63}$/i;
const SESSION_PREFIX = 'pointsman-';

/** Null when the id is not one of ours: it must be safe as a file name and as a tmux target. */
export function sessionNameOf(agentId: string): string | null {
  return AGENT_ID.test(agentId) ? `${SESSION_PREFIX}${agentId}` : null;
}

export function agentIdOf(sessionName: string): string | null {
  const agentId = sessionName.startsWith(SESSION_PREFIX) ? sessionName.slice(SESSION_PREFIX.length) : '';
  return AGENT_ID.test(agentId) ? agentId : null;
}

/**
 * Single quotes are literal in tmux as in a shell, but for two things: a quote itself stands between double quotes,
 * and so does a newline as an escape, since tmux drops spaces and comments behind a real one even inside quotes.
 */
export function quote(text: string): string {
  return `'${text.replace(/['\n]/g, (character) => (character === '\n' ? `'"\\n"'` : `'"'"'`))}'`;
}

/**
 * A file for `source-file`, so that neither environment nor arguments are ever on a command line that `ps` shows.
 * The directory is not in it: `new-session -c` expands formats, the client's own directory does not.
 * `window-size manual` is set on the window after it exists: set globally, tmux before 3.7 crashes on it.
 */
export function launchFile(options: {
  sessionName: string;
  agentId: string;
  argv: readonly [string, ...string[]];
  env: Readonly<Record<string, string>>;
  size: TerminalSize;
}): string {
  const { sessionName, agentId, env, size } = options;
  const words = [
    'new-session',
    '-d',
    '-s',
    sessionName,
    '-n',
    'agent',
    '-x',
    String(size.cols),
    '-y',
    String(size.rows),
  ];
  for (const [name, value] of Object.entries(env)) {
    if (!SET_BY_ENV.includes(name)) words.push('-e', quote(`${name}=${value}`));
  }
  words.push('--', ...wrapped(options.argv, env).map(quote));
  return [
    words.join(' '),
    `set-option -w -t =${sessionName}: window-size manual`,
    `set-option -t =${sessionName}: @pointsman_agent ${agentId}`,
    '',
  ].join('\n');
}

/** tmux sets these in every pane after the environment it was given; only env(1) has the last word. */
const SET_BY_ENV = ['PATH', 'SHELL'];

/**
 * Through env(1): it execs the program itself (tmux hands a single word to a shell), and it takes away TMUX,
 * by which a program would find the server that holds it.
 */
function wrapped(argv: readonly [string, ...string[]], env: Readonly<Record<string, string>>): string[] {
  const settings = SET_BY_ENV.map((name) => (env[name] === undefined ? null : `${name}=${env[name]}`));
  const unset = SET_BY_ENV.filter((name) => env[name] === undefined);
  return [
    '/usr/bin/env',
    ...['TMUX', 'TMUX_PANE', ...unset].flatMap((name) => ['-u', name]),
    ...settings.filter((setting) => setting !== null),
    // env would take a program named a=b for a variable
    ...(argv[0].includes('=') || argv[0].startsWith('-') ? ['/bin/sh', '-c', 'exec "$@"', 'sh'] : []),
    ...argv,
  ];
}

const ATTACH_FLAGS = 'ignore-size,pause-after=1';

interface ServerPlace {
  socket: string;
  configuration: string;
}

/** Arguments of a client that starts the server and the session, in the directory it is run in, and ends. */
export function startArguments(options: ServerPlace & { launch: string }): string[] {
  return ['-u', '-S', options.socket, '-f', options.configuration, 'start-server', ';', 'source-file', options.launch];
}

export function attachArguments(options: ServerPlace & { sessionName: string }): string[] {
  return [
    '-u',
    '-S',
    options.socket,
    '-f',
    options.configuration,
    '-C',
    'attach-session',
    '-t',
    `=${options.sessionName}:`,
    '-f',
    ATTACH_FLAGS,
  ];
}

export function checkedPane(paneId: string): string {
  if (!/^%\d{1,9}$/.test(paneId)) throw new TypeError(`not a pane id: ${paneId}`);
  return paneId;
}

/** Longer command lines overflow tmux's parser; 256 bytes are 768 characters. */
const KEY_BYTES_PER_COMMAND = 256;

/** One command per element; together they type exactly these bytes. */
export function keyCommands(paneId: string, bytes: Uint8Array): string[] {
  const commands: string[] = [];
  for (let start = 0; start < bytes.length; start += KEY_BYTES_PER_COMMAND) {
    const chunk = bytes.subarray(start, start + KEY_BYTES_PER_COMMAND);
    commands.push(
      `send-keys -t ${paneId} -H ${Array.from(chunk, (byte) => byte.toString(16).padStart(2, '0')).join(' ')}`,
    );
  }
  return commands;
}

/** A person who scrolled in an attached tmux must not swallow what is typed: the mode is left first. */
export function leaveModes(paneId: string): string {
  return `copy-mode -q -t ${paneId}`;
}

export function pasteCommands(options: {
  paneId: string;
  buffer: string;
  file: string;
  version: TmuxVersion;
}): string[] {
  // 3.7 writes control characters as ^X unless -S; older ones do not know the flag.
  const asIs = atLeast(options.version, 3, 7) ? ' -S' : '';
  return [
    `load-buffer -b ${options.buffer} ${options.file}`,
    `paste-buffer -p -r -d${asIs} -b ${options.buffer} -t ${options.paneId}`,
  ];
}

/**
 * pipe-pane expands formats and dates and then asks a shell, and a path may hold `#`, `%`, `$` and quotes:
 * so the path goes as octal numbers through the shell's printf, an alphabet that means nothing to either.
 */
export function recordCommand(paneId: string, file: string | null): string {
  if (file === null) return `pipe-pane -t ${paneId}`;
  const octal = Array.from(Buffer.from(file), (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
  return `pipe-pane -O -t ${paneId} 'exec /bin/cat >> "$(printf "${octal}")"'`;
}

/** With remain-on-exit tmux tells control clients nothing of a pane's end; a hook that touches our flow control does. */
export function announceDeath(paneId: string, clientName: string): string {
  if (!/^client-\d+$/.test(clientName)) throw new TypeError(`not a control client: ${clientName}`);
  const touch = (how: string) => `refresh-client -t ${clientName} -A "${paneId}:${how}"`;
  return `set-hook -g pane-died '${touch('pause')} ; ${touch('continue')}'`;
}
