/** A stream's recorded bytes as text that a database column can hold; knows nothing of steps. */
import { open, type FileHandle } from 'node:fs/promises';

/** The file as UTF-8 text of at most `limit` bytes; past that the middle is left out and the gap says how much. A missing file is ''. */
export async function readLimited(file: string, limit: number): Promise<string> {
  const handle = await open(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!handle) return '';
  try {
    const { size } = await handle.stat();
    if (size <= limit) return limitText(await readRange(handle, 0, size), limit, 0);
    const half = Math.floor(limit / 2);
    const head = await readRange(handle, 0, half);
    const tail = await readRange(handle, size - half, size);
    return joinLimited({
      head: withoutBrokenEnd(head),
      tail: withoutBrokenStart(tail),
      limit,
      leftOut: size - 2 * half,
    });
  } finally {
    await handle.close();
  }
}

async function readRange(handle: FileHandle, from: number, to: number): Promise<Buffer> {
  const buffer = Buffer.alloc(to - from);
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, from + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

function limitText(bytes: Buffer, limit: number, leftOut: number): string {
  const text = decode(bytes);
  // Replacement characters are longer than the bytes they stand for.
  if (Buffer.byteLength(text) <= limit) return text;
  const encoded = Buffer.from(text);
  const half = Math.floor(limit / 2);
  return joinLimited({
    head: encoded.subarray(0, half),
    tail: encoded.subarray(encoded.length - half),
    limit,
    leftOut: leftOut + encoded.length - 2 * half,
  });
}

function joinLimited({
  head,
  tail,
  limit,
  leftOut,
}: {
  head: Buffer;
  tail: Buffer;
  limit: number;
  leftOut: number;
}): string {
  const room = Math.max(0, Math.floor((limit - GAP_MAX_BYTES) / 2));
  const first = Buffer.from(decode(withoutBrokenEnd(head)));
  const last = Buffer.from(decode(withoutBrokenStart(tail)));
  const kept = first.subarray(0, room);
  const rest = last.subarray(Math.max(0, last.length - room));
  const cut = leftOut + (first.length - kept.length) + (last.length - rest.length);
  return `${withoutBrokenEnd(kept).toString()}\n[… ${cut} bytes left out …]\n${withoutBrokenStart(rest).toString()}`;
}

const GAP_MAX_BYTES = 64; // the longest "[… N bytes left out …]" there can be

/** PostgreSQL's jsonb cannot hold U+0000. */
function decode(bytes: Buffer): string {
  return bytes.toString('utf8').replaceAll('\0', '');
}

function withoutBrokenEnd(bytes: Buffer): Buffer {
  let at = bytes.length - 1;
  while (at >= 0 && bytes.length - at < 4 && isContinuation(bytes[at])) at -= 1;
  const lead = bytes[at] ?? 0;
  const needed = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  return bytes.length - at < needed ? bytes.subarray(0, at) : bytes;
}

function withoutBrokenStart(bytes: Buffer): Buffer {
  let at = 0;
  while (at < 3 && isContinuation(bytes[at])) at += 1;
  return bytes.subarray(at);
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
