/** Reads the byte stream of a tmux control client (`tmux -C`); pure, knows no process. */

export interface ControlReply {
  failed: boolean;
  /** Lines of the reply without their newlines; bytes, since a screen may hold any. */
  lines: Buffer[];
}

export interface ControlListener {
  /** What a pane printed, decoded; a character may be split over two calls. */
  output(paneId: string, data: Buffer): void;
  notification(name: string, rest: string): void;
  /**
   * Asked when a reply to one of our commands begins. 'opaque': every line up to its end is content, for a
   * screen may show any text. 'transparent': tmux may put output between the lines of a command that waits.
   * `own`: it answers what came in over the line, not what the client was started with.
   */
  replyBegins(own: boolean): 'opaque' | 'transparent';
  reply(reply: ControlReply): void;
  /** A reply to the command line of the client itself, or of a hook: nobody here asked for it. */
  foreignReply(reply: ControlReply): void;
}

interface OpenBlock {
  /** Time, number and flags: only the line with the same three ends the block, whatever a pane prints. */
  id: string;
  own: boolean;
  opaque: boolean;
  lines: Buffer[];
}

const NEWLINE = 0x0a;
const BACKSLASH = 0x5c;
const PERCENT = 0x25;
const SPACE = 0x20;

export class ControlProtocol {
  readonly #listener: ControlListener;
  #carry: Buffer[] = [];
  #block: OpenBlock | null = null;

  constructor(listener: ControlListener) {
    this.#listener = listener;
  }

  /** Everything the chunk completes is reported before this returns, in the order tmux wrote it. */
  push(chunk: Buffer): void {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(NEWLINE, start);
      if (end < 0) break;
      let line = chunk.subarray(start, end);
      if (this.#carry.length > 0) {
        line = Buffer.concat([...this.#carry, line]);
        this.#carry = [];
      }
      this.#line(line);
      start = end + 1;
    }
    // A copy: the rest of a large chunk must not be kept alive by its unfinished last line.
    if (start < chunk.length) this.#carry.push(Buffer.from(chunk.subarray(start)));
  }

  #line(line: Buffer): void {
    const block = this.#block;
    if (block === null) {
      if (line[0] === PERCENT) this.#notice(line);
      return;
    }
    if (line[0] === PERCENT) {
      const ends = startsWith(line, '%end ');
      if ((ends || startsWith(line, '%error ')) && text(line, line.indexOf(SPACE) + 1) === block.id) {
        this.#block = null;
        const reply = { failed: !ends, lines: block.lines };
        if (block.own) this.#listener.reply(reply);
        else this.#listener.foreignReply(reply);
        return;
      }
      if (!block.opaque && (startsWith(line, '%output ') || startsWith(line, '%extended-output '))) {
        this.#notice(line);
        return;
      }
    }
    block.lines.push(Buffer.from(line));
  }

  #notice(line: Buffer): void {
    if (startsWith(line, '%output ')) {
      const space = line.indexOf(SPACE, 8);
      if (space > 0) this.#listener.output(text(line, 8, space), decodeOutput(line, space + 1));
      return;
    }
    if (startsWith(line, '%extended-output ')) {
      // `%extended-output %0 <age> … : data`; what stands before the colon may grow in later versions.
      const space = line.indexOf(SPACE, 17);
      const colon = line.indexOf(' : ', space);
      if (space > 0 && colon > 0) this.#listener.output(text(line, 17, space), decodeOutput(line, colon + 3));
      return;
    }
    if (startsWith(line, '%begin ')) {
      const id = text(line, 7);
      const own = (Number(id.split(' ')[2]) & 1) === 1;
      this.#block = { id, own, opaque: this.#listener.replyBegins(own) === 'opaque', lines: [] };
      return;
    }
    const [name = '', ...rest] = line.toString('utf8').split(' ');
    this.#listener.notification(name, rest.join(' '));
  }
}

/** Undoes tmux's `\ooo` at the level of bytes: decoding text here would break characters split over two lines. */
export function decodeOutput(line: Buffer, from = 0): Buffer {
  let escape = line.indexOf(BACKSLASH, from);
  if (escape < 0) return Buffer.from(line.subarray(from));
  const decoded = Buffer.allocUnsafe(line.length - from);
  let length = 0;
  let start = from;
  while (escape >= 0) {
    length += line.copy(decoded, length, start, escape);
    const value = octal(line, escape + 1);
    if (value < 0) {
      decoded[length++] = BACKSLASH;
      start = escape + 1;
    } else {
      decoded[length++] = value;
      start = escape + 4;
    }
    escape = line.indexOf(BACKSLASH, start);
  }
  length += line.copy(decoded, length, start);
  return decoded.subarray(0, length);
}

function octal(line: Buffer, at: number): number {
  const a = (line[at] ?? 0) - 48;
  const b = (line[at + 1] ?? 0) - 48;
  const c = (line[at + 2] ?? 0) - 48;
  return a >= 0 && a <= 3 && b >= 0 && b <= 7 && c >= 0 && c <= 7 ? a * 64 + b * 8 + c : -1;
}

function startsWith(line: Buffer, word: string): boolean {
  if (line.length < word.length) return false;
  for (let index = 0; index < word.length; index++) if (line[index] !== word.charCodeAt(index)) return false;
  return true;
}

function text(line: Buffer, start: number, end = line.length): string {
  return line.toString('latin1', start, end);
}
