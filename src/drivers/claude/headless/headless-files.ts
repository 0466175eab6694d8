/** Where a headless Claude Code reads from and writes to, and the record of the last prompt that was handed to it. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface HeadlessFiles {
  directory: string;
  /** A named pipe. */
  input: string;
  /** JSON lines of the session that runs now. */
  output: string;
  errors: string;
  delivery: string;
}

export function headlessFiles(agentDirectory: string): HeadlessFiles {
  const directory = join(agentDirectory, 'headless');
  return {
    directory,
    input: join(directory, 'input'),
    output: join(directory, 'output.jsonl'),
    errors: join(directory, 'errors.log'),
    delivery: join(directory, 'delivery.json'),
  };
}

/** Written before the first byte of a prompt leaves: without it nothing was sent. */
export interface DeliveryRecord {
  taskId: string;
  /** Where the output file ended at that moment; all that belongs to the task comes after it. */
  offset: number;
}

export async function readDelivery(files: HeadlessFiles): Promise<DeliveryRecord | null> {
  const text = await readFile(files.delivery, 'utf8').catch(() => null);
  // Written by us alone, and whole or not at all.
  return text === null ? null : (JSON.parse(text) as DeliveryRecord);
}

export async function writeDelivery(files: HeadlessFiles, record: DeliveryRecord): Promise<void> {
  const half = `${files.delivery}.new`;
  await writeFile(half, JSON.stringify(record), { mode: 0o600, flush: true });
  await rename(half, files.delivery);
}
