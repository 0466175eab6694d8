/** Takes a running command's new output into the execution's log, each byte once, also across restarts. */
import type { ExecutionLogLine } from '../../contract/executions.ts';
import type { EffectRecord } from '../../ports/store/executions.ts';
import type { EffectContext } from './effect-runner.ts';

/** Often enough to look live, seldom enough to cost nothing. */
const EVERY_MS = 250;
const MAX_LINE = 8_192;
/** Past this the log says so once; the step's output keeps head and tail. */
const MAX_LOGGED_BYTES = 8 * 1024 * 1024;

interface Options {
  effect: EffectRecord;
  stepId: string;
  nodeId: string;
  read: (from: { stdout: number; stderr: number }) => Promise<{ stdout: Uint8Array; stderr: Uint8Array }>;
}

export function followOutput(
  context: EffectContext,
  { effect, stepId, nodeId, read }: Options,
): { pause(): Promise<void>; finish(): Promise<void> } {
  const position = { ...(effect.progress ?? { stdout: 0, stderr: 0 }) };
  let timer: NodeJS.Timeout | undefined;
  let turn: Promise<void> = Promise.resolve();
  let stopped = false;

  function schedule(): void {
    if (stopped) return;
    timer = setTimeout(() => {
      turn = take(false).then(schedule, schedule);
    }, EVERY_MS);
  }

  async function take(last: boolean): Promise<void> {
    const news = await read(position);
    const at = context.clock.now().toISOString();
    const lines: Omit<ExecutionLogLine, 'seq'>[] = [];
    for (const stream of ['stdout', 'stderr'] as const) {
      const { taken, texts } = wholeLines(news[stream], last);
      if (taken === 0) continue;
      if (position[stream] < MAX_LOGGED_BYTES)
        lines.push(...texts.map((text) => ({ at, stepId, nodeId, stream, text })));
      if (position[stream] < MAX_LOGGED_BYTES && position[stream] + taken >= MAX_LOGGED_BYTES)
        lines.push({ at, stepId, nodeId, stream: 'system', text: `(the rest of ${stream} is left out of the log)` });
      position[stream] += taken;
    }
    if (lines.length === 0) return;
    await context.store.transaction(async (transaction) => {
      const stored = await transaction.executions.appendLogs(effect.executionId, lines);
      await transaction.executions.setProgress(effect.executionId, effect.key, position);
      transaction.publish({
        topic: `execution:${effect.executionId}`,
        event: 'log.appended',
        data: { lines: stored.slice(-200), total: stored.length },
      });
    });
  }

  async function stop(last: boolean): Promise<void> {
    stopped = true;
    clearTimeout(timer);
    await turn;
    if (last) await take(true);
  }

  schedule();
  return { pause: () => stop(false), finish: () => stop(true) };
}

/** Complete lines of the bytes; the last, unfinished one only at the end, or when it is very long. */
function wholeLines(bytes: Uint8Array, last: boolean): { taken: number; texts: string[] } {
  const end = last || bytes.length > MAX_LINE * 4 ? bytes.length : bytes.lastIndexOf(10) + 1;
  if (end === 0) return { taken: 0, texts: [] };
  const text = Buffer.from(bytes.subarray(0, end)).toString('utf8');
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return { taken: end, texts: lines.map((line) => line.replace(/\r$/, '').slice(0, MAX_LINE)) };
}
