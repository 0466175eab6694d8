/** What a chosen directory holds: its Markdown files with front matter, without those below it, as `agents import` takes them. */

export interface ChosenFiles {
  files: { file: string; text: string }[];
  leftOut: string[];
}

export async function readChosen(
  chosen: readonly Pick<File, 'name' | 'webkitRelativePath' | 'text'>[],
): Promise<ChosenFiles> {
  const markdown = chosen
    .filter(({ name, webkitRelativePath }) => name.endsWith('.md') && webkitRelativePath.split('/').length <= 2)
    .toSorted((a, b) => a.name.localeCompare(b.name));
  const read = await Promise.all(markdown.map(async (file) => ({ file: file.name, text: await file.text() })));
  const files = read.filter(({ text }) => /^\uFEFF?---/.test(text));
  return { files, leftOut: read.filter((one) => !files.includes(one)).map(({ file }) => file) };
}
