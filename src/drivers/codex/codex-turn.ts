/** The one prompt that Codex is on, as far as its stream has told. */
import { newTurn, type Turn } from '../turn-ledger.ts';
import type { CodexItem } from './codex-event.ts';

export interface CodexTurn extends Turn {
  /** Codex's own id, known from its acknowledgement on. */
  id: string | null;
  /** Why Codex did not take it. */
  refusal: string | null;
  /** Everything that was begun in it. */
  items: Map<string, CodexItem>;
  /** What runs in it now besides the model: commands, changes, tools. */
  running: Set<string>;
  lastText: string;
  silent: boolean;
}

/** Items that are the model's own words: while only these are open, it is the model that we wait for. */
const WORDS = new Set(['userMessage', 'agentMessage', 'reasoning', 'plan']);

export function newCodexTurn(taskId: string): CodexTurn {
  return {
    ...newTurn(taskId),
    id: null,
    refusal: null,
    items: new Map(),
    running: new Set(),
    lastText: '',
    silent: false,
  };
}

export function takeItem(turn: CodexTurn, item: CodexItem, completed: boolean): void {
  turn.items.set(item.id, item);
  if (item.type === 'agentMessage' && completed) turn.lastText = item.text;
  if (WORDS.has(item.type)) return;
  if (completed) turn.running.delete(item.id);
  else turn.running.add(item.id);
}
