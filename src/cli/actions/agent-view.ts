/** `pointsman agents screen` and `transcript`: what an agent shows, and what was said. */
import type { TranscriptEntry } from '../../contract/transcript.ts';
import type { CommandIo } from '../command-io.ts';
import { findAgent } from '../find-named.ts';
import { printableLine, withoutTerminalCodes } from '../output/printable-text.ts';
import type { Printer } from '../output/printer.ts';
import { type CommonOptions, openSession } from '../session.ts';
import { UsageError } from '../usage-error.ts';

const LARGEST_PAGE = 200;

export async function showScreen(
  io: CommandIo,
  options: CommonOptions & { agent: string; scrollback?: number },
): Promise<void> {
  const { api, print } = openSession(io, options);
  const { id } = await findAgent(api, options.agent);
  const query = options.scrollback === undefined ? {} : { scrollback: options.scrollback };
  const shown = await api.call('getScreen', { params: { id }, query });
  if (options.json) return print.json(shown);
  print.line(withoutTerminalCodes(shown.screen).trimEnd());
}

/** The newest page of the API, which is from old to new. */
export async function showTranscript(
  io: CommandIo,
  options: CommonOptions & { agent: string; limit: number },
): Promise<void> {
  const { api, print } = openSession(io, options);
  if (options.limit > LARGEST_PAGE)
    throw new UsageError(`At most ${LARGEST_PAGE} entries are shown.`, 'Use --json and the API for more.');
  const { id } = await findAgent(api, options.agent);
  const { items, more } = await api.list('getTranscript', { params: { id } }, options.limit);
  if (options.json) return print.json(items);
  if (items.length === 0) return print.note('Nothing has been said yet.');
  for (const entry of items) printEntry(print, entry);
  if (more) print.note('There is more; raise --limit.');
}

function printEntry(print: Printer, { at, role, text, textLength, tool }: TranscriptEntry): void {
  const who = tool ? `${role}: ${printableLine(tool.name)} (${tool.status})` : role;
  print.line(`${print.paint('dim', at)} ${print.paint('bold', who)}`);
  for (const part of tool ? [tool.input, tool.output, text] : [text])
    if (part.trim() !== '') print.line(indented(withoutTerminalCodes(part).trimEnd()));
  if (textLength !== undefined) print.line(print.paint('dim', `  … of ${textLength} characters`));
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}
