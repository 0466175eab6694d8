/**
 * What a conversation has used, from the rows of its transcript and its helpers' transcripts, and the told cost; and what
 * only those rows tell of how a turn ended.
 */
import { closeSync, openSync, readFileSync, readSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { UsageTotal } from '../../../ports/agent-driver.ts';

export interface TranscriptUsage {
  /** Reads what was added since. */
  total(): UsageTotal;
  /** When the model's endpoint failed last, by the rows read so far. */
  readonly failedAt: string;
  /** When somebody pressed Esc last after the first word of an answer, by the rows read so far. */
  readonly interruptedAt: string;
  /** When subagents were stopped last by a person's key, by the rows read so far. */
  readonly subagentsStoppedAt: string;
}

export function readUsage({
  transcript,
  conversation,
  costFile,
}: {
  transcript: string;
  conversation: string;
  costFile: string;
}): TranscriptUsage {
  const offsets = new Map<string, { offset: number; rest: string }>();
  // One row per block of an answer: the last one of an id has the whole count.
  const rows: Rows = { messages: new Map(), failedAt: '', interruptedAt: '', subagentsStoppedAt: '' };
  let cost = 0;
  // Subagents have transcripts of their own beside it.
  const helpers = join(dirname(transcript), conversation, 'subagents');

  const readNew = (file: string): void => {
    let at = offsets.get(file);
    if (!at) offsets.set(file, (at = { offset: 0, rest: '' }));
    let fd: number;
    try {
      fd = openSync(file, 'r');
    } catch {
      return; // nothing was said yet
    }
    try {
      const chunk = Buffer.alloc(256 * 1024);
      for (let read = 0; (read = readSync(fd, chunk, 0, chunk.length, at.offset)) > 0;) {
        at.offset += read;
        const lines = (at.rest + chunk.toString('latin1', 0, read)).split('\n');
        at.rest = lines.pop() ?? '';
        for (const line of lines) count(line, rows);
      }
    } finally {
      closeSync(fd);
    }
  };

  return {
    get failedAt() {
      return rows.failedAt;
    },
    get interruptedAt() {
      return rows.interruptedAt;
    },
    get subagentsStoppedAt() {
      return rows.subagentsStoppedAt;
    },
    total() {
      readNew(transcript);
      for (const name of filesIn(helpers)) if (name.endsWith('.jsonl')) readNew(join(helpers, name));
      let inputTokens = 0;
      let outputTokens = 0;
      for (const { input, output } of rows.messages.values()) {
        inputTokens += input;
        outputTokens += output;
      }
      // After /clear the file tells of another conversation, and this one keeps what it had.
      cost = Math.max(cost, toldCost(costFile, conversation));
      return { inputTokens, outputTokens, cost };
    },
  };
}

interface Rows {
  messages: Map<string, { input: number; output: number }>;
  failedAt: string;
  interruptedAt: string;
  subagentsStoppedAt: string;
}

const INTERRUPTED = '[Request interrupted by user'; // … and perhaps “for tool use]”

function count(line: string, rows: Rows): void {
  if (line.includes(INTERRUPTED)) noteInterruption(line, rows);
  if (line.includes('"agents_killed"')) noteStoppedSubagents(line, rows);
  // Most rows are something else, and some are megabytes long.
  if (!line.includes('"usage"') || !line.includes('"assistant"')) return;
  try {
    const row = JSON.parse(line) as {
      type?: string;
      timestamp?: string;
      isApiErrorMessage?: boolean;
      message?: { id?: string; usage?: Record<string, unknown> };
    };
    if (row.isApiErrorMessage === true) rows.failedAt = row.timestamp ?? '';
    const { id, usage } = row.message ?? {};
    if (row.type !== 'assistant' || id === undefined || usage === undefined) return;
    const tokens = (name: string): number => (typeof usage[name] === 'number' ? usage[name] : 0);
    rows.messages.set(id, {
      input: tokens('input_tokens') + tokens('cache_creation_input_tokens') + tokens('cache_read_input_tokens'),
      output: tokens('output_tokens'),
    });
  } catch {
    // A row of another shape is none of ours.
  }
}

/** Written in the user's name; one of a subagent says nothing of the turn. */
function noteInterruption(line: string, rows: Rows): void {
  try {
    const row = JSON.parse(line) as {
      type?: string;
      timestamp?: string;
      isSidechain?: boolean;
      message?: { content?: unknown };
    };
    const { content } = row.message ?? {};
    const said = (Array.isArray(content) ? (content as { text?: unknown }[]) : []).map(({ text }) => text);
    const isOne = said.some((text) => typeof text === 'string' && text.startsWith(INTERRUPTED));
    if (isOne && row.type === 'user' && row.isSidechain !== true) rows.interruptedAt = row.timestamp ?? '';
  } catch {
    // A row of another shape is none of ours.
  }
}

function noteStoppedSubagents(line: string, rows: Rows): void {
  try {
    const row = JSON.parse(line) as { type?: string; subtype?: string; timestamp?: string };
    if (row.type === 'system' && row.subtype === 'agents_killed') rows.subagentsStoppedAt = row.timestamp ?? '';
  } catch {
    // A row of another shape is none of ours.
  }
}

/** By Claude Code's own price list, as its status line was told last: for a moment after a turn, of the turn before. */
function toldCost(file: string, conversation: string): number {
  try {
    const told = JSON.parse(readFileSync(file, 'utf8')) as {
      session_id?: string;
      cost?: { total_cost_usd?: number };
    };
    return told.session_id === conversation ? (told.cost?.total_cost_usd ?? 0) : 0;
  } catch {
    return 0;
  }
}

function filesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
