/** What an agent's directory keeps of the session that runs now: made anew at each launch, readable by nobody else. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writePrivate } from '../private-file.ts';

export interface OpencodeFiles {
  directory: string;
  password: string;
  /** Where it prints the address that it listens on. */
  output: string;
  errors: string;
  delivery: string;
}

export function opencodeFiles(agentDirectory: string): OpencodeFiles {
  const directory = join(agentDirectory, 'session');
  return {
    directory,
    password: join(directory, 'password'),
    output: join(directory, 'output.log'),
    errors: join(directory, 'errors.log'),
    delivery: join(directory, 'delivery.json'),
  };
}

/** Written before a prompt leaves: without it nothing was sent. */
export interface DeliveredPrompt {
  taskId: string;
  messageId: string;
}

export async function readDelivered(files: OpencodeFiles): Promise<DeliveredPrompt | null> {
  const content = await readFile(files.delivery, 'utf8').catch(() => null);
  // Written by us alone, and whole or not at all.
  return content === null ? null : (JSON.parse(content) as DeliveredPrompt);
}

export async function writeDelivered(files: OpencodeFiles, prompt: DeliveredPrompt): Promise<void> {
  await writePrivate(files.delivery, JSON.stringify(prompt));
}

/** Nothing of it arrived; the record of a later one stays. */
export async function forgetDelivered(files: OpencodeFiles, taskId: string): Promise<void> {
  if ((await readDelivered(files))?.taskId === taskId) await rm(files.delivery, { force: true });
}
