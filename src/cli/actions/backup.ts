/** `pointsman backup` and `restore`: hands over to the server's own modules. */
import path from 'node:path';
import type { CommandIo } from '../command-io.ts';
import { createPrinter } from '../output/printer.ts';
import { size } from '../output/quantities.ts';
import { productVersion } from '../product-version.ts';
import { type CommonOptions, sourceOf } from '../session.ts';

export async function backup(io: CommandIo, file: string | undefined, options: CommonOptions): Promise<void> {
  const print = createPrinter(io);
  const { runBackup } = await import('../../server/backup/backup.ts');
  const minute = new Date().toISOString().slice(0, 16).replaceAll(/[-:]/g, '').replace('T', '-');
  const place = path.resolve(file ?? `pointsman-${minute}.backup`);
  const outcome = await runBackup(place, { ...sourceOf(io, options), version: productVersion() });
  if (options.json) return print.json(outcome);
  print.line(outcome.file);
  print.note(`${size(outcome.bytes)}: ${outcome.rows} rows and ${outcome.files} files. It holds keys; keep it safe.`);
}

export async function restore(io: CommandIo, file: string, options: CommonOptions): Promise<void> {
  const print = createPrinter(io);
  const { runRestore } = await import('../../server/backup/restore.ts');
  const outcome = await runRestore(path.resolve(file), sourceOf(io, options));
  if (options.json) return print.json(outcome);
  print.note(
    `${outcome.home} is as it was at ${outcome.at}: ${outcome.rows} rows and ${outcome.files} files. Start it with \`pointsman up\`.`,
  );
}
