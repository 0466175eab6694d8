/** `pointsman inbox`: what waits for a person, shown whole, and answered for exactly what was shown. */
import { createInterface } from 'node:readline/promises';
import { PointsmanError } from '../../contract/errors.ts';
import type { Decision, InboxItem } from '../../contract/inbox.ts';
import type { CommandIo } from '../command-io.ts';
import { answerCommand } from '../execution-progress.ts';
import { findInboxItem } from '../find-named.ts';
import { givenJson } from '../given-values.ts';
import { EXIT } from '../output/exit-codes.ts';
import { statusColour } from '../output/paint.ts';
import { printable, printableJson } from '../output/printable-text.ts';
import { createPrinter, type Printer } from '../output/printer.ts';
import { ago } from '../output/quantities.ts';
import { shortIds } from '../output/short-ids.ts';
import { type CommonOptions, openSession } from '../session.ts';
import { UsageError } from '../usage-error.ts';
import { wordsInForm } from '../words-in-form.ts';

export interface ListInboxOptions extends CommonOptions {
  limit?: number;
  type?: InboxItem['type'];
  /** Also what is closed. */
  all?: boolean;
}

export async function listInbox(io: CommandIo, options: ListInboxOptions): Promise<void> {
  const { api, print } = openSession(io, options);
  const query = { ...(options.all ? {} : { state: 'open' as const }), ...(options.type ? { type: options.type } : {}) };
  const { items, more } = await api.list('listInbox', { query }, options.limit);
  if (options.json) return print.json(items);
  inboxTable(print, items);
  if (more) print.note('There are more; raise --limit.');
  else if (items.length > 0) print.note('See one whole with `pointsman inbox show ID`.');
}

export function inboxTable(print: Printer, items: readonly InboxItem[]): void {
  const short = shortIds(items.map((item) => item.id));
  print.table<InboxItem>(
    [
      { title: 'ID', value: (item) => short(item.id) },
      { title: 'TYPE', value: (item) => item.type },
      {
        title: 'STATE',
        value: (item) => item.resolution?.decision ?? item.state,
        paint: (cell, item) => print.paint(statusColour(item.state), cell),
      },
      { title: 'SINCE', value: (item) => ago(item.createdAt) },
      { title: 'EXPIRES', value: (item) => ago(item.expiresAt) },
      { title: 'TITLE', value: (item) => item.title, shrinks: true },
    ],
    items,
    'Nothing waits for you.',
  );
}

export async function showInboxItem(io: CommandIo, options: CommonOptions & { item: string }): Promise<void> {
  const { api, print } = openSession(io, options);
  const item = await findInboxItem(api, options.item);
  if (options.json) return print.json(item);
  describeItem(item, print);
  if (item.state !== 'open') return;
  print.line();
  for (const decision of item.choices) print.line(answerCommand(item, decision));
}

export interface ResolveOptions extends CommonOptions {
  item: string;
  decision: Decision;
  note?: string;
  form?: string;
  /** The beginning of the hash of what the person was shown. */
  hash?: string;
  yes?: boolean;
  /** The answer in words, for a question. */
  answer?: string;
}

export async function resolveItem(io: CommandIo, options: ResolveOptions): Promise<number> {
  const { api, print } = openSession(io, options);
  const item = await findInboxItem(api, options.item);
  if (options.hash !== undefined) requireShown(item, options.hash);
  else if (!(await confirmShown(io, item, options))) {
    print.note('Nothing was answered.');
    return EXIT.failed;
  }
  const form = givenForm(options, item);
  const resolved = await api.call('resolveInboxItem', {
    params: { id: item.id },
    body: {
      decision: options.decision,
      hash: item.hash,
      ...(options.note === undefined ? {} : { note: options.note }),
      ...(form === undefined ? {} : { form }),
    },
  });
  if (options.json) print.json(resolved);
  else print.note(`Answered “${options.decision}”: ${printable(item.title)}`);
  return EXIT.ok;
}

function givenForm({ form, answer }: ResolveOptions, item: InboxItem): unknown {
  if (form !== undefined) return givenJson(form, '--form');
  return answer === undefined ? undefined : wordsInForm(answer, item.payload['form']);
}

function requireShown(item: InboxItem, prefix: string): void {
  if (!/^[0-9a-f]{8,64}$/i.test(prefix))
    throw new UsageError(
      `“${prefix}” is not the beginning of a hash.`,
      'Copy at least eight characters of the hash that `pointsman inbox show` prints.',
    );
  if (!item.hash.startsWith(prefix.toLowerCase()))
    throw new PointsmanError('INBOX_ITEM_CHANGED', {
      cause: { next: `See what is asked now with \`pointsman inbox show ${item.id}\`.` },
    });
}

/** Without a hash the item is shown here and now; a person at a terminal then says yes to that, a script takes it as it is. */
async function confirmShown(io: CommandIo, item: InboxItem, options: ResolveOptions): Promise<boolean> {
  if (options.yes || !io.stdin.isTTY || !io.stderr.isTTY || item.state !== 'open') return true;
  describeItem(item, createPrinter({ ...io, stdout: io.stderr }));
  const questions = createInterface({ input: io.stdin, output: io.stderr });
  try {
    const answer = await questions.question(`\nAnswer “${options.decision}” to this? [y/N] `);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    questions.close();
  }
}

function describeItem(item: InboxItem, print: Printer): void {
  const { title: _title, body, form, ...rest } = item.payload;
  print.line(print.paint('bold', printable(item.title)));
  if (typeof body === 'string' && body !== '') print.line(`\n${printable(body)}\n`);
  print.fields([
    ['id', item.id],
    ['type', item.type],
    ['state', item.state],
    ['asked', ago(item.createdAt)],
    ['expires', item.expiresAt && ago(item.expiresAt)],
    ['agent', item.agentId],
    ['execution', item.executionId],
    // Everything else that is decided about: whoever answers has to see all of it.
    ...Object.entries(rest).map(([name, value]) => [printable(name), asText(value)] as const),
    ...(typeof body === 'string' || body === undefined ? [] : [['body', asText(body)] as const]),
    ['form', form === undefined ? undefined : asText(form)],
    ['hash', item.hash],
    [
      'answer',
      item.resolution && `${item.resolution.decision} by ${item.resolution.by ?? 'nobody'} ${ago(item.resolution.at)}`,
    ],
    ['note', item.resolution?.note],
  ]);
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : printableJson(value);
}
