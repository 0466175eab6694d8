/** The conversation of an agent, in one shape for every kind. */
import { z } from 'zod';
import { Id } from './identifiers.ts';

/** A longer text is cut to this many characters, and its length told beside it. */
export const TRANSCRIPT_TEXT_LIMIT = 16_000;

const Length = z.number().int().positive().optional();

export const TranscriptTool = z
  .strictObject({
    /** As the CLI calls it. */
    name: z.string(),
    input: z.string(),
    /** Characters of the whole input, when it was cut. */
    inputLength: Length,
    output: z.string(),
    outputLength: Length,
    /** `pending`: its record tells of no end. */
    status: z.enum(['pending', 'succeeded', 'failed']),
  })
  .meta({ id: 'TranscriptTool' });

export const TranscriptEntry = z
  .strictObject({
    at: z.string(),
    role: z.enum(['user', 'assistant', 'tool', 'system']),
    text: z.string(),
    /** Characters of the whole text, when it was cut. */
    textLength: Length,
    tool: TranscriptTool.optional(),
    /** The task in whose time it happened. */
    taskId: Id.optional(),
  })
  .meta({ id: 'TranscriptEntry' });
export type TranscriptEntry = z.infer<typeof TranscriptEntry>;
