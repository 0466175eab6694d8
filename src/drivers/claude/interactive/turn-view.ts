/**
 * What is known of a Claude Code from the letters of its hooks and from its session file, one fact after the other.
 * Pure: reads no file and no clock.
 */
import type { Letter } from './letter-box.ts';
import type { LiveState } from './session-file.ts';

export interface Turn {
  promptId: string;
  /** Of what woke it after its background work. */
  wokenAs: string[];
  /** It has answered with this, and goes on when its background work has ended. */
  answered: string | undefined;
  prompt: string;
  startedAt: string;
}

export interface TurnEnd {
  at: string;
  how: 'stopped' | 'failed' | 'interrupted' | 'exited';
  text: string;
  /** Of a failed one, Claude Code's own name for what went wrong. */
  error?: string;
}

export type TurnEvent =
  | { type: 'ready'; at: string; conversation: string; transcript: string }
  | { type: 'started'; turn: Turn }
  | { type: 'ended'; turn: Turn; end: TurnEnd }
  | { type: 'asked'; letter: Letter }
  | { type: 'settled'; name: string; at: string; reason: string };

export interface TurnView {
  /** The program of the last launch has said that it is there. */
  ready: boolean;
  since: string;
  /** Turns that have not ended: the one that runs, and what a person typed meanwhile. */
  open: Turn[];
  /** The last turn that ended, since the launch. */
  last: TurnEnd | undefined;
  /** The turn is over and goes on by itself when these have ended. */
  background: number;
  /** Letters of hooks that wait for a verdict. */
  pending: Map<string, Letter>;
  live: LiveState | undefined;
  /** A dialog was answered by us a moment ago: its session file tells of it for a little longer. */
  dialogAnswered: boolean;
}

export function emptyView(): TurnView {
  return {
    ready: false,
    since: '',
    open: [],
    last: undefined,
    background: 0,
    pending: new Map(),
    live: undefined,
    dialogAnswered: false,
  };
}

/** Its first hook comes seconds before its input line does on a busy machine; its session file comes after both. */
export function isUp(view: TurnView): boolean {
  return view.ready && view.live !== undefined;
}

/** A new process: whatever the one before did has ended with it. */
export function applyLaunch(view: TurnView, at: string): TurnEvent[] {
  const events = endAll(view, { at, how: 'exited', text: '' });
  view.ready = false;
  view.since = at;
  view.last = undefined;
  view.live = undefined;
  return events;
}

export function applyLetter(view: TurnView, letter: Letter): TurnEvent[] {
  const { body, at } = letter;
  const text = (name: string): string => (typeof body[name] === 'string' ? body[name] : '');
  switch (letter.event) {
    case 'SessionStart': {
      // In the middle of a turn after a compaction; all others are at rest.
      if (text('source') === 'compact') return [];
      view.ready = true;
      view.since = at;
      // After /clear nobody has asked anything; what its model refused, it still does.
      if (view.last?.how !== 'failed') view.last = undefined;
      return [
        ...endAll(view, { at, how: 'interrupted', text: '' }),
        { type: 'ready', at, conversation: text('session_id'), transcript: text('transcript_path') },
      ];
    }
    case 'UserPromptSubmit': {
      view.background = 0;
      view.since = at;
      const waiting = view.open.findLast((one) => one.answered !== undefined);
      if (waiting && text('prompt').trimStart().startsWith('<task-notification')) {
        waiting.wokenAs.push(text('prompt_id'));
        return [];
      }
      const turn: Turn = {
        promptId: text('prompt_id'),
        prompt: text('prompt'),
        startedAt: at,
        wokenAs: [],
        answered: undefined,
      };
      view.open.push(turn);
      return [{ type: 'started', turn }];
    }
    case 'PermissionRequest':
      view.pending.set(letter.name, letter);
      view.since = at;
      return [{ type: 'asked', letter }];
    case 'Stop': {
      view.background = resuming(body['background_tasks']);
      view.since = at;
      if (view.background > 0) {
        const turn = view.open.find((one) => hasId(one, text('prompt_id')));
        if (turn) turn.answered = text('last_assistant_message');
        return [];
      }
      return ended(view, text('prompt_id'), { at, how: 'stopped', text: text('last_assistant_message') });
    }
    case 'StopFailure':
      view.background = 0;
      view.since = at;
      return ended(view, text('prompt_id'), {
        at,
        how: 'failed',
        text: text('last_assistant_message'),
        error: text('error'),
      });
    default:
      return [];
  }
}

/** A state that is older than a fact says nothing about it. */
export function applyLive(view: TurnView, live: LiveState): TurnEvent[] {
  if (view.live?.since === live.since && view.live.status === live.status) return [];
  view.live = live;
  const at = new Date(live.since).toISOString();
  if (at > view.since) view.since = at;
  const events: TurnEvent[] = [];
  if (live.status === 'waiting') return events;
  view.dialogAnswered = false;
  for (const [name, letter] of view.pending)
    if (at > letter.at) events.push(...settle(view, name, at, 'it was answered in the terminal, or its turn ended'));
  return events;
}

/** Since when it rests though a turn has not ended; undefined when all is told. */
export function restsSince({ live, background, open }: TurnView): string | undefined {
  if ((live?.status !== 'idle' && live?.status !== 'shell') || background > 0) return undefined;
  const at = new Date(live.since).toISOString();
  return open.some((turn) => at > turn.startedAt) ? at : undefined;
}

/** All have answered, and only their subagents work on. */
export function onlySubagentsWork({ open, background }: TurnView): boolean {
  return background > 0 && open.every((turn) => turn.answered !== undefined);
}

/** No hook will tell the end of these turns any more: somebody pressed Esc. */
export function applyRest(view: TurnView, at: string): TurnEvent[] {
  const over = view.open.filter((turn) => at > turn.startedAt);
  view.open = view.open.filter((turn) => !over.includes(turn));
  if (over.length > 0) view.last = { at, how: 'interrupted', text: '' };
  return over.map((turn) => ({ type: 'ended', turn, end: { at, how: 'interrupted', text: '' } }));
}

/** The program ended. */
export function applyExit(view: TurnView, at: string): TurnEvent[] {
  return endAll(view, { at, how: 'exited', text: '' });
}

function ended(view: TurnView, promptId: string, end: TurnEnd): TurnEvent[] {
  const events = settleAll(view, end.at);
  view.last = end;
  const index = view.open.findIndex((turn) => hasId(turn, promptId));
  // A turn that went on by itself may have the id of what woke it: then all that is open has ended with it.
  const over = index < 0 ? view.open.splice(0) : view.open.splice(0, index + 1);
  for (const turn of over) {
    const own = index < 0 || hasId(turn, promptId);
    const before: TurnEnd =
      turn.answered === undefined
        ? { at: end.at, how: 'interrupted', text: '' }
        : { at: end.at, how: 'stopped', text: turn.answered };
    events.push({ type: 'ended', turn, end: own ? end : before });
  }
  return events;
}

function hasId(turn: Turn, promptId: string): boolean {
  return turn.promptId === promptId || turn.wokenAs.includes(promptId);
}

function endAll(view: TurnView, end: TurnEnd): TurnEvent[] {
  const events = settleAll(view, end.at);
  for (const turn of view.open.splice(0)) events.push({ type: 'ended', turn, end });
  view.background = 0;
  return events;
}

function settleAll(view: TurnView, at: string): TurnEvent[] {
  return [...view.pending.keys()].flatMap((name) => settle(view, name, at, 'its turn ended'));
}

export function settle(view: TurnView, name: string, at: string, reason: string): TurnEvent[] {
  return view.pending.delete(name) ? [{ type: 'settled', name, at, reason }] : [];
}

/** Subagents bring the turn back with what they found. A command may run for ever, and a schedule is for other turns. */
function resuming(tasks: unknown): number {
  if (!Array.isArray(tasks)) return 0;
  return tasks.filter((task) => (task as { type?: unknown } | null)?.type !== 'shell').length;
}
