/**
 * What stands behind an agent and knows the truth: it sees each prompt arrive and holds its end back until it is
 * released. For an agent with a model that is the scripted endpoint; for a shell it is a port that each command asks.
 */
import net from 'node:net';
import { type ModelEndpoint, startModelEndpoint } from '../../../test/support/model-endpoint.ts';

const NEVER_MS = 40_000;

export interface Stub {
  url: string;
  /** A prompt that goes on until its mark is released; then it says the text, or just ends. */
  held(mark: string, text?: string): string;
  /** When this prompt came for the n-th time (a tool's result brings it again); rejects when it does not come. */
  asked(mark: string, times?: number): Promise<number>;
  release(mark: string): void;
  /** How often the agent took this prompt: 0 is lost, 2 is doubled. */
  taken(mark: string): number;
  /** Lets go of what was kept of the prompts so far. */
  forget(): void;
  close(): Promise<void>;
}

export async function startModelStub(): Promise<Stub & { model: ModelEndpoint }> {
  const model = await startModelEndpoint();
  return {
    model,
    url: model.url,
    held: (mark, text = 'done') => `${mark}\nSTUB:hold ${mark} ${text}`,
    asked: (mark, times = 1) =>
      inTime(
        `the model was not asked ${mark} ${times} times`,
        model.asked(mark, times).then(({ at }) => at),
      ),
    release: (mark) => model.release(mark),
    // A conversation holds every prompt once, however often the model is asked within it; the script repeats its mark.
    taken: (mark) =>
      Math.max(
        0,
        ...model.requests.map(({ body }) => {
          const turns = JSON.stringify(body['messages'] ?? body['input'] ?? body['contents'] ?? []);
          return turns.split(mark).length - turns.split(`hold ${mark}`).length;
        }),
      ),
    forget: () => model.requests.forEach((request) => (request.body = {})),
    close: () => model.close(),
  };
}

/** Commands that tell this port their mark and read from it the exit status they shall end with. */
export async function startCommandStub(): Promise<Stub & { end(mark: string, exitStatus: number): void }> {
  const waiting = new Map<string, { at: number; socket: net.Socket }[]>();
  const lookers = new Set<() => void>();
  const server = net.createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (data: Buffer) => {
      const mark = data.toString().trim();
      waiting.set(mark, [...(waiting.get(mark) ?? []), { at: Date.now(), socket }]);
      for (const look of lookers) look();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  const end = (mark: string, exitStatus: number): void =>
    waiting.get(mark)?.forEach(({ socket }) => socket.end(`${exitStatus}\n`));
  return {
    url: `tcp://127.0.0.1:${port}`,
    held: (mark) => `(exec 3<>/dev/tcp/127.0.0.1/${port}; echo ${mark} >&3; read -r status <&3; exit "$status")`,
    asked: (mark, times = 1) =>
      inTime(
        `the command ${mark} did not begin`,
        new Promise((resolve) => {
          const look = (): void => {
            const found = waiting.get(mark)?.[times - 1];
            if (!found) return;
            lookers.delete(look);
            resolve(found.at);
          };
          lookers.add(look);
          look();
        }),
      ),
    release: (mark) => end(mark, 0),
    end,
    taken: (mark) => waiting.get(mark)?.length ?? 0,
    forget: () => undefined,
    async close() {
      for (const { socket } of [...waiting.values()].flat()) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function inTime<T>(otherwise: string, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const limit = setTimeout(() => late.reject(new Error(otherwise)), NEVER_MS);
  return Promise.race([work, late.promise]).finally(() => clearTimeout(limit));
}
