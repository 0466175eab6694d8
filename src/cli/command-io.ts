/** What a command may touch of the world around it: its streams, its environment, and Ctrl-C. Tests hand in their own. */

export type CommandOutput = NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
export type CommandInput = NodeJS.ReadableStream & { isTTY?: boolean; setRawMode?: (raw: boolean) => unknown };

export interface CommandIo {
  env: Record<string, string | undefined>;
  stdin: CommandInput;
  stdout: CommandOutput;
  stderr: CommandOutput;
  /** From the first call on, Ctrl-C aborts this signal instead of ending the process. */
  interrupts(): AbortSignal;
}

/** Everything a stream has to say, as text. */
export async function readAll(input: CommandInput): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of input) chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  return Buffer.concat(chunks).toString('utf8');
}
