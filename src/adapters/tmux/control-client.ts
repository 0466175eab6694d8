/** One `tmux -C` process: commands go in as lines, replies come back in order, output and notices as they happen. */
import { spawn, type ChildProcess } from 'node:child_process';
import { ControlProtocol, type ControlReply } from './control-protocol.ts';

export interface ControlEvents {
  output(paneId: string, data: Buffer): void;
  notification(name: string, rest: string): void;
}

interface Request {
  replies: ControlReply[];
  expected: number;
  opaque: boolean;
  done: (outcome: ControlReply[] | Error) => void;
}

/** The command was refused by tmux, or the client is gone; the caller translates. */
export class ControlError extends Error {
  readonly gone: boolean;

  constructor(message: string, gone: boolean) {
    super(message);
    this.name = 'ControlError';
    this.gone = gone;
  }
}

export class ControlClient {
  /** Resolves when attached; rejects with what tmux said. */
  readonly attached: Promise<void>;
  /** Resolves when the process has ended, whatever the reason. */
  readonly ended: Promise<void>;
  readonly #child: ChildProcess;
  #requests: Request[] = [];
  #complaints = '';
  #isAttached = false;
  #hasEnded = false;
  #events: ControlEvents | null = null;

  constructor(command: readonly [string, ...string[]]) {
    const [program, ...args] = command;
    this.#child = spawn(program, args, {
      cwd: '/',
      env: {},
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true, // Ctrl-C in our terminal must not end it before we have let go in order
    });
    const attached = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    this.attached = attached.promise;
    this.attached.catch(() => undefined); // told to whoever awaits it; nobody has to
    this.ended = ended.promise;

    const protocol = new ControlProtocol({
      output: (paneId, data) => this.#events?.output(paneId, data),
      notification: (name, rest) => {
        if (name === '%session-changed' && !this.#isAttached) {
          this.#isAttached = true;
          this.#child.stderr?.destroy(); // it says nothing after this, and a descriptor per agent adds up
          attached.resolve();
        }
        this.#events?.notification(name, rest);
      },
      replyBegins: (own) => (own && this.#requests[0]?.opaque === true ? 'opaque' : 'transparent'),
      reply: (reply) => this.#reply(reply),
      foreignReply: (reply) => {
        if (reply.failed && !this.#isAttached) this.#complaints += `${Buffer.concat(reply.lines).toString()} `;
      },
    });
    this.#child.stdout?.on('data', (chunk: Buffer) => protocol.push(chunk));
    this.#child.stdin?.on('error', () => undefined); // the end of the process tells the same
    this.#child.stderr?.on('data', (chunk: Buffer) => (this.#complaints += chunk.toString()));
    this.#child.stderr?.on('error', () => undefined);
    const end = (reason: string) => {
      if (this.#hasEnded) return;
      this.#hasEnded = true;
      attached.reject(new ControlError(this.#complaints.trim() || reason, true));
      const requests = this.#requests;
      this.#requests = [];
      for (const request of requests) request.done(new ControlError('the tmux client ended', true));
      ended.resolve();
    };
    this.#child.on('error', (error) => end(error.message));
    // 'close', not 'exit': everything tmux wrote has been read by then.
    this.#child.on('close', (code, signal) => end(`tmux ended with ${signal ?? code}`));
  }

  listen(events: ControlEvents): void {
    this.#events = events;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /**
   * Sends commands as one line, so nothing comes between them; `done` is called in the same turn in which the
   * last reply was read, before any byte that came after it. When one fails, tmux skips those behind it.
   */
  send(
    commands: readonly string[],
    options: { opaque: boolean },
    done: (outcome: ControlReply[] | Error) => void,
  ): void {
    if (this.#hasEnded) return done(new ControlError('the tmux client ended', true));
    const line = commands.join(' ; ');
    // An empty line detaches the client, and a second line would be a second command.
    if (line === '' || /[\n\r\0]/.test(line)) return done(new ControlError('not one line of commands', false));
    this.#requests.push({ replies: [], expected: commands.length, opaque: options.opaque, done });
    this.#child.stdin?.write(`${line}\n`);
  }

  async request(commands: readonly string[], options = { opaque: false }): Promise<ControlReply[]> {
    return new Promise((resolve, reject) => {
      this.send(commands, options, (outcome) => (outcome instanceof Error ? reject(outcome) : resolve(outcome)));
    });
  }

  /** Lets go of the session, which goes on. Resolves when the process is gone. */
  async detach(): Promise<void> {
    if (!this.#hasEnded) {
      this.#events = null;
      this.#child.stdin?.end();
      // Killing it as well costs nothing: a client only holds the line, and one that is stuck keeps a server from exiting.
      this.#child.kill('SIGTERM');
    }
    const stuck = setTimeout(() => this.#child.kill('SIGKILL'), 500);
    await this.ended;
    clearTimeout(stuck);
  }

  #reply(reply: ControlReply): void {
    const request = this.#requests[0];
    if (request === undefined) return;
    request.replies.push(reply);
    if (!reply.failed && request.replies.length < request.expected) return;
    this.#requests.shift();
    request.done(
      reply.failed
        ? new ControlError(Buffer.concat(reply.lines).toString().trim() || 'tmux refused the command', false)
        : request.replies,
    );
  }
}
