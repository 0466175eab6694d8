/** Gives a turn up whose model says nothing: some agents wait for ever for a model that never answers. */

import type { Turn, TurnLedger } from './turn-ledger.ts';

export function silenceWatch<T extends Turn>(options: {
  afterMs: number;
  turns: { readonly running: T | null; decisions: Pick<TurnLedger<T>['decisions'], 'size'> };
  /** Whether it waits for something else than its model, such as a tool. */
  isBusy: (turn: T) => boolean;
  giveUp: (turn: T) => void;
}) {
  const { afterMs, turns } = options;
  let lastWordAt = Date.now();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const watch = (): void => {
    clearTimeout(timer);
    const turn = turns.running;
    if (stopped || !turn) return;
    const waitsForModel = turns.decisions.size === 0 && turn.state !== 'sent' && !options.isBusy(turn);
    const left = waitsForModel ? lastWordAt + afterMs - Date.now() : afterMs;
    if (left > 0) timer = setTimeout(watch, left).unref();
    else options.giveUp(turn);
  };
  return {
    /** The agent has said something. */
    heard(): void {
      lastWordAt = Date.now();
    },
    /** A turn has begun. */
    watch,
    stop(): void {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

export function silenceMessage(afterMs: number): string {
  return `the model has said nothing for ${Math.round(afterMs / 1000)} seconds, and the turn was given up`;
}
