/** Entries of a conversation in one line each, for tests. */
import type { TranscriptEntry } from '../../src/contract/transcript.ts';

/** Who, what, and the first line of what was said. */
export function linesOf(entries: readonly TranscriptEntry[]): string[] {
  return entries.map(({ role, text, tool }) =>
    tool ? `${role} ${tool.name} ${tool.status} ${firstLine(tool.output)}`.trim() : `${role} ${firstLine(text)}`,
  );
}

export function toolNamed(entries: readonly TranscriptEntry[], name: string): NonNullable<TranscriptEntry['tool']> {
  const found = entries.find(({ tool }) => tool?.name === name)?.tool;
  if (!found) throw new Error(`no call of ${name} in ${JSON.stringify(linesOf(entries))}`);
  return found;
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}
