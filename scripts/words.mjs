/**
 * `npm run words`: how much of the web app's words each language has. `npm run words -- de` makes the catalogue of a
 * language, or brings it up to date: new words are empty, those that nobody says any more go.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { collectWords } from './lib/collect-words.mjs';
import { Stop, inRoot, runScript, say } from './lib/project.mjs';

const CATALOGUES = inRoot('web/src/words/catalogues');

await runScript(async () => {
  const said = collectWords(inRoot('web/src'));
  const language = process.argv[2];
  if (language !== undefined) bringUpToDate(language, said);
  const files = existsSync(CATALOGUES) ? readdirSync(CATALOGUES).filter((file) => file.endsWith('.json')) : [];
  say(`English: ${said.words.length} texts, ${said.plurals.length} with a number`);
  for (const file of files) {
    const { words, plurals } = JSON.parse(readFileSync(path.join(CATALOGUES, file), 'utf8'));
    const missing =
      said.words.filter((text) => !words[text]).length + said.plurals.filter((one) => !plurals[one]?.other).length;
    say(`${path.basename(file, '.json')}: ${missing} missing`);
    for (const [text, translation] of Object.entries(words))
      if (translation !== '' && places(translation) !== places(text))
        throw new Stop(`${file}: “${translation}” needs the same places in braces as “${text}”.`);
  }
});

function bringUpToDate(language, said) {
  const [known] = Intl.getCanonicalLocales(language);
  if (known !== language) throw new Stop(`${language} is written ${known}.`);
  const file = path.join(CATALOGUES, `${language}.json`);
  const before = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { words: {}, plurals: {} };
  const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
  const noForms = Object.fromEntries(forms.map((form) => [form, '']));
  const after = {
    words: Object.fromEntries(said.words.map((text) => [text, before.words[text] ?? ''])),
    plurals: Object.fromEntries(said.plurals.map((one) => [one, { ...noForms, ...before.plurals[one] }])),
  };
  mkdirSync(CATALOGUES, { recursive: true });
  writeFileSync(file, `${JSON.stringify(after, null, 2)}\n`);
}

function places(text) {
  return [...text.matchAll(/\{\w+\}/g)]
    .map(String)
    .toSorted((one, other) => (one < other ? -1 : 1))
    .join();
}
