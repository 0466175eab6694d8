/** What a prompt tells the scripted model to do, whatever protocol it came by. */
import type http from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

export type Answer =
  | { kind: 'text'; text: string; seconds: number; hold: string | null }
  | { kind: 'tool'; name: string; input: unknown }
  | { kind: 'error'; status: number; text: string }
  | { kind: 'hang' }
  | { kind: 'drop' };

/** How one vendor's clients ask and are answered. */
export interface Protocol {
  /** How the path of its requests ends. */
  path: string;
  /** The last user prompt, the number of tool results since it, and the newest of them. */
  conversation(body: Record<string, unknown>): Conversation;
  errorBody(status: number, text: string): object;
  stream(response: http.ServerResponse, options: StreamedAnswer): Promise<void>;
}

export interface Conversation {
  prompt: string;
  steps: number;
  lastResult: string;
  /** The user prompt before this one, with what it wants said to it. */
  before?: string;
}

export interface StreamedAnswer {
  answer: Exclude<Answer, { kind: 'error' | 'hang' }>;
  body: Record<string, unknown>;
  sizes: { inputTokens: number; outputTokens: number };
  holdOf: (name: string) => PromiseWithResolvers<void>;
}

/** The script's line for this answer; without a script it tells what it heard. */
export function answerTo({ prompt, steps, lastResult, before }: Conversation, refused: Set<string>): Answer {
  const lines = scriptOf(prompt).filter((one) => one.word !== 'later');
  const say = (text: string, seconds = 0, hold: string | null = null): Answer => ({
    kind: 'text',
    text,
    seconds,
    hold,
  });
  const line = lines[steps];
  const later = scriptOf(before ?? '').findLast((one) => one.word === 'later');
  if (!line && lines.length === 0 && later) return say(later.rest);
  if (!line)
    return say(
      steps > 0
        ? `Finished after ${steps} tool call(s). Last result: ${lastResult.slice(0, 300)}`
        : `You said: ${prompt.slice(-200)}`,
    );
  const [first = '', ...others] = line.rest.split(' ');
  const remainder = others.join(' ');
  switch (line.word) {
    case 'tool':
      return { kind: 'tool', name: first, input: JSON.parse(remainder || '{}') };
    case 'error':
      return { kind: 'error', status: Number(first), text: remainder || 'an error of the scripted model' };
    case 'slow':
      return say(remainder, Number(first));
    case 'hold':
      return say(remainder, 0, first);
    case 'hang':
      return { kind: 'hang' };
    case 'drop':
      return { kind: 'drop' };
    case 'once429':
      if (refused.has(prompt)) return say(line.rest);
      refused.add(prompt);
      return { kind: 'error', status: 429, text: 'too many requests' };
    default:
      return say(line.rest);
  }
}

function scriptOf(prompt: string): { word: string; rest: string }[] {
  return [...prompt.matchAll(/STUB:(\w+)[ \t]*(.*)/g)].map((match) => ({
    word: match[1] ?? '',
    rest: (match[2] ?? '').trim(),
  }));
}

/** The text in the pieces in which it is streamed, when its time has come. */
export async function* spoken(
  answer: Extract<Answer, { kind: 'text' }>,
  holdOf: (name: string) => PromiseWithResolvers<void>,
): AsyncGenerator<string> {
  if (answer.hold) await holdOf(answer.hold).promise;
  const pieces = answer.seconds > 0 ? (answer.text.match(/[\s\S]{1,4}/g) ?? []) : [answer.text];
  for (const piece of pieces) {
    yield piece;
    if (answer.seconds > 0) await wait((answer.seconds * 1000) / pieces.length);
  }
}
