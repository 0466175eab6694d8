/** Reads a file of lines from its end to its beginning, a block at a time; what it holds never grows with the file. */
import type { FileHandle } from 'node:fs/promises';

const BLOCK_BYTES = 256 * 1024;
/** A longer row, say of pictures, is passed over. */
export const MAX_ROW_BYTES = 8 * 1024 * 1024;

/** Every whole or last line that begins before `end`. */
export async function* rowsBackward(
  file: FileHandle,
  end: number,
  onRead: (bytes: number) => void,
): AsyncGenerator<string> {
  let position = end;
  /** The parts of a row whose beginning was not read yet, the last one first. */
  let parts: Buffer[] = [];
  let held = 0;
  const take = (first: Buffer): string => {
    const whole = held + first.length > MAX_ROW_BYTES ? Buffer.alloc(0) : Buffer.concat([first, ...parts.toReversed()]);
    parts = [];
    held = 0;
    return whole.toString('utf8');
  };
  while (position > 0) {
    const start = Math.max(0, position - BLOCK_BYTES);
    const block = Buffer.alloc(position - start);
    const { bytesRead } = await file.read(block, 0, block.length, start);
    onRead(bytesRead);
    position = start;
    let rest = block.subarray(0, bytesRead);
    for (let at = rest.lastIndexOf(10); at !== -1; at = rest.lastIndexOf(10)) {
      const line = take(rest.subarray(at + 1));
      if (line !== '') yield line;
      rest = rest.subarray(0, at);
    }
    held += rest.length;
    // Once it is too long, nothing of it is kept.
    if (held <= MAX_ROW_BYTES) parts.push(Buffer.from(rest));
    else parts = [];
  }
  const first = take(Buffer.alloc(0));
  if (first !== '') yield first;
}

/** Where the first row begins that was written after `at`, by the times in the rows; the size when there is none. */
export async function offsetAfter(file: FileHandle, size: number, at: string): Promise<number> {
  let low = 0;
  let high = size;
  while (high - low > BLOCK_BYTES) {
    const middle = Math.floor((low + high) / 2);
    const time = await firstTime(file, middle, high);
    if (time !== null && time <= at) low = middle;
    else high = middle;
  }
  return high;
}

const TIME = /"timestamp":"(\d{4}-\d\d-\d\dT[\d:.]+Z)"/;

async function firstTime(file: FileHandle, from: number, to: number): Promise<string | null> {
  const block = Buffer.alloc(BLOCK_BYTES);
  for (let position = from; position < to; position += BLOCK_BYTES / 2) {
    const { bytesRead } = await file.read(block, 0, block.length, position);
    const found = TIME.exec(block.toString('latin1', 0, bytesRead));
    if (found) return found[1] ?? null;
  }
  return null;
}
