/** What one row of a CLI's record says of the conversation, and how parts become entries. Pure. */
import { TRANSCRIPT_TEXT_LIMIT, type TranscriptEntry } from '../contract/transcript.ts';

export interface TranscriptRow {
  at: string;
  /** The same in every copy of the row. */
  key?: string;
  parts: TranscriptPart[];
}

export type TranscriptPart =
  | { type: 'said'; role: 'user' | 'assistant' | 'system'; text: string }
  | { type: 'called'; id: string; name: string; input: string }
  | { type: 'returned'; id: string; output: string; failed: boolean };

/** Null for a row that is broken, or none of the conversation. */
export type ReadRow = (line: string) => TranscriptRow | null;

export type Returned = Extract<TranscriptPart, { type: 'returned' }>;

export function entryOf(
  at: string,
  part: Exclude<TranscriptPart, Returned>,
  end: Returned | undefined,
): TranscriptEntry {
  if (part.type === 'said') return { at, role: part.role, ...cut('text', part.text) };
  return {
    at,
    role: 'tool',
    text: '',
    tool: {
      name: part.name,
      ...cut('input', part.input),
      ...cut('output', end?.output ?? ''),
      status: end === undefined ? 'pending' : end.failed ? 'failed' : 'succeeded',
    },
  };
}

/** Arguments as a person reads them. */
export function inputText(input: unknown): string {
  return typeof input === 'string' ? input : input === undefined ? '' : JSON.stringify(input, null, 2);
}

type Cut<Name extends string> = Record<Name, string> & Partial<Record<`${Name}Length`, number>>;

function cut<Name extends string>(name: Name, text: string): Cut<Name> {
  const whole = { [name]: text.slice(0, TRANSCRIPT_TEXT_LIMIT) };
  // The names are made of the one that was given.
  return (text.length <= TRANSCRIPT_TEXT_LIMIT ? whole : { ...whole, [`${name}Length`]: text.length }) as Cut<Name>;
}
