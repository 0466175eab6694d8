/** Turns the updates of one execution into lines a person can follow; each change is told once, also after a reconnect. */
import type { Execution, Step, StepStatus } from '../contract/executions.ts';
import type { InboxItem } from '../contract/inbox.ts';
import type { LiveLines } from './output/live-lines.ts';
import { type Paint, statusColour } from './output/paint.ts';
import { printable, printableLine } from './output/printable-text.ts';
import { took } from './output/quantities.ts';

const TOLD: readonly StepStatus[] = ['running', 'waiting', 'succeeded', 'failed', 'skipped', 'cancelled', 'unknown'];
/** Enough of a sha-256 that nobody finds another payload with it by accident. */
const HASH_SHOWN = 12;

/** How often the time of a step that goes on is drawn anew. */
const REDRAW_MS = 1_000;

export interface ExecutionProgress {
  step(step: Step): void;
  status(status: Execution['status']): void;
  /** Draws nothing any more. */
  end(): void;
}

/** With `live` the steps that go on are drawn in place, and only what became of them stays; without, each change is a line. */
export function createExecutionProgress({
  say,
  paint,
  live,
}: {
  say: (line: string) => void;
  paint: Paint;
  live?: LiveLines | undefined;
}): ExecutionProgress {
  const told = new Map<string, StepStatus>();
  const open = new Map<string, Step>();
  let lastStatus: string | undefined;
  const draw = () => live?.draw([...open.values()].map(openLine));
  const timer = live && setInterval(draw, REDRAW_MS);
  timer?.unref();
  return {
    step(step) {
      if (told.get(step.id) === step.status || !TOLD.includes(step.status)) return;
      told.set(step.id, step.status);
      const goesOn = step.status === 'running' || step.status === 'waiting';
      if (goesOn) open.set(step.id, step);
      else open.delete(step.id);
      if (!live || !goesOn) say(stepLine(step, paint));
      draw();
    },
    status(status) {
      if (status === lastStatus) return;
      if (status === 'paused' || (lastStatus === 'paused' && status === 'running'))
        say(status === 'paused' ? paint('yellow', 'paused') : 'resumed');
      lastStatus = status;
    },
    end() {
      clearInterval(timer);
      open.clear();
      draw();
    },
  };
}

/** `build [2] (iteration 3, attempt 2)`: which visit of which node. */
export function stepLabel(step: Pick<Step, 'nodeId' | 'item' | 'iteration' | 'attempt'>): string {
  const item = step.item ? ` [${step.item.key === undefined ? step.item.index : printableLine(step.item.key)}]` : '';
  const visits = [
    step.iteration > 1 && `iteration ${step.iteration}`,
    step.attempt > 1 && `attempt ${step.attempt}`,
  ].filter(Boolean);
  return `${step.nodeId}${item}${visits.length > 0 ? ` (${visits.join(', ')})` : ''}`;
}

/** What an inbox item asks, and how to answer it from here. */
export function waitingLines(item: InboxItem): string[] {
  const { payload } = item;
  const body =
    typeof payload['body'] === 'string' && payload['body'] !== '' ? printable(payload['body']).split('\n') : [];
  const error = (payload['error'] as { message?: unknown } | undefined)?.message;
  if (typeof error === 'string') body.push(printableLine(error));
  return [
    `Waiting for ${item.type === 'approval' ? 'approval' : `a person (${item.type})`}: ${printableLine(item.title)}`,
    ...body.map((line) => `    ${line}`),
    ...(payload['form'] === undefined ? [] : ['    It asks for a form; see `pointsman inbox show`.']),
    '  Answer with:',
    ...item.choices.map((decision) => `    ${answerCommand(item, decision)}`),
  ];
}

/** The command that gives this answer, to exactly what was shown. */
export function answerCommand(item: Pick<InboxItem, 'id' | 'hash'>, decision: InboxItem['choices'][number]): string {
  const own = ['approve', 'reject', 'deny', 'allow', 'answer', 'retry', 'fail'].includes(decision);
  const rest = decision === 'answer' ? ' TEXT' : '';
  return `pointsman inbox ${own ? `${decision} ${item.id}` : `resolve ${item.id} ${decision}`}${rest} --hash ${item.hash.slice(0, HASH_SHOWN)}`;
}

function openLine(step: Step): string {
  const why = step.reason ? ` (${printableLine(step.reason.replaceAll('_', ' '))})` : '';
  return `${step.status.padEnd(9)} ${stepLabel(step)}${why}, ${took(step)}`;
}

function stepLine(step: Step, paint: Paint): string {
  const word = step.status === 'running' ? 'started' : step.status;
  const time = step.finishedAt && step.startedAt ? ` in ${took(step)}` : '';
  const why = step.error
    ? `: ${step.error.message}`
    : step.reason && step.status !== 'running'
      ? ` (${step.reason.replaceAll('_', ' ')})`
      : '';
  return `${paint(statusColour(step.status), word.padEnd(9))} ${stepLabel(step)}${time}${printableLine(why)}`;
}
