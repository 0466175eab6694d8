/**
 * The words of the web app, in the language of who reads it. English stands where it is shown and is the key of its
 * translations. A catalogue is there before any module that uses words runs, so they may stand in tables as well; who
 * chooses another language loads the page anew.
 */
import { type Catalogue, catalogueOf, readersLanguage } from './language.ts';

export const language = readersLanguage();
/** Null in English, which waits for none, and where none came: better in English than not at all. */
const catalogue: Catalogue | null = language === 'en' ? null : await catalogueOf(language).catch(() => null);

/** By which numbers and dates are written. */
export const locale = language === 'en' ? 'en-US' : language;
const rules = new Intl.PluralRules(locale);

/** A name in braces. */
export const PLACE = /\{(\w+)\}/g;

/** `{name}` in the text is replaced by that value. The text must stand there as it is: `npm run words` collects it. */
export function t(text: string, values?: Record<string, unknown>): string {
  const words = catalogue?.words[text] || text; // what is not translated yet is empty
  return values
    ? words.replaceAll(PLACE, (place, name: string) => (name in values ? String(values[name]) : place))
    : words;
}

/** “1 agent”, “2 agents”, and what other languages make of it. */
export function plural(count: number, one: string, many = `${one}s`): string {
  const form = catalogue?.plurals[`${one}|${many}`]?.[rules.select(count)] || `# ${count === 1 ? one : many}`;
  return form.replace('#', () => count.toLocaleString(locale));
}
