/** `pointsman agents import` and `agents definitions`. */
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import type { AgentDefinitionEntry } from '../../contract/agent-definitions.ts';
import type { CommandIo } from '../command-io.ts';
import { readText } from '../given-values.ts';
import { describeProblem } from '../output/error-report.ts';
import { printable } from '../output/printable-text.ts';
import { type CommonOptions, openSession } from '../session.ts';
import { UsageError } from '../usage-error.ts';

export async function importDefinitions(
  io: CommandIo,
  options: CommonOptions & { dir: string; replace?: boolean },
): Promise<void> {
  const { api, print } = openSession(io, options);
  const { files, others } = definitionFiles(options.dir);
  const imported = await api.call('importAgentDefinitions', {
    body: { files, ...(options.replace ? { replace: true } : {}) },
  });
  if (options.json) return print.json(imported);
  print.table(
    [
      { title: 'NAME', value: ({ name }) => name, shrinks: true },
      { title: 'OUTCOME', value: ({ outcome }) => outcome },
    ],
    [...imported, ...others.map((file) => ({ name: file, outcome: 'left out: no front matter' }))],
    'There is nothing to import.',
  );
  print.note('Use one with `pointsman agents add NAME --kind claude --definition NAME`.');
}

export async function listDefinitions(io: CommandIo, options: CommonOptions): Promise<void> {
  const { api, print } = openSession(io, options);
  const { items } = await api.list('listAgentDefinitions', {});
  if (options.json) return print.json(items);
  print.table<AgentDefinitionEntry>(
    [
      { title: 'NAME', value: (one) => one.name },
      { title: 'USED BY', value: (one) => one.agents.join(', ') || '-', shrinks: true },
      {
        title: 'SAYS',
        value: (one) => (one.problems.length > 0 ? `${one.file} is not valid` : (one.description ?? '')),
        shrinks: true,
      },
    ],
    items,
    'There are no agent definitions. Take some over with `pointsman agents import DIR`.',
  );
  for (const { file, problems } of items)
    for (const problem of problems) print.line(`${printable(file)}: ${describeProblem(problem)}`);
}

/** The Markdown files of a directory; a README is no definition, and nothing is said of what is broken here. */
function definitionFiles(dir: string): { files: { file: string; text: string }[]; others: string[] } {
  if (!statSync(dir, { throwIfNoEntry: false })?.isDirectory())
    throw new UsageError(`${dir} is not a directory.`, 'Name the directory with the definition files.');
  const found = readdirSync(dir)
    .filter((file) => file.endsWith('.md') && statSync(path.join(dir, file), { throwIfNoEntry: false })?.isFile())
    .toSorted()
    .map((file) => ({ file, text: readText(path.join(dir, file)) }));
  const files = found.filter(({ text }) => /^\uFEFF?---/.test(text));
  if (files.length === 0)
    throw new UsageError(`${dir} holds no agent definitions.`, 'They are Markdown files that begin with front matter.');
  return { files, others: found.filter((one) => !files.includes(one)).map(({ file }) => file) };
}
