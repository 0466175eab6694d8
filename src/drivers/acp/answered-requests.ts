/** Which of an agent's requests were answered: the stream itself does not say so, and we may be another process by then. */
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PipedFiles } from '../launch-piped.ts';

/** Written after the answer has gone: what is missing here is asked again, and an agent passes over a second answer. */
export async function noteAnswered(files: PipedFiles, requestId: string): Promise<void> {
  await appendFile(fileOf(files), `${requestId}\n`, { mode: 0o600 });
}

export async function answeredRequests(files: PipedFiles): Promise<Set<string>> {
  const content = await readFile(fileOf(files), 'utf8').catch(() => '');
  return new Set(content.split('\n').filter(Boolean));
}

function fileOf(files: PipedFiles): string {
  return join(files.directory, 'answered');
}
