/** Which languages there are, and which one the reader wants. English has no catalogue: its words stand in the code. */

export interface Catalogue {
  /** By the English text; what is missing is shown in English. */
  words: Record<string, string>;
  /** By `one|many`; `#` stands for the number. */
  plurals: Record<string, Partial<Record<Intl.LDMLPluralRule, string>>>;
}

const KEY = 'pointsman.language';
/** Reads like English and marks each word that was translated: what stands without marks is in no catalogue. */
const MARKED = 'en-XA';

const catalogues = import.meta.glob<Catalogue>('./catalogues/*.json', { import: 'default' });

export function readersLanguage(): string {
  const wanted = [chosenLanguage(), ...(globalThis.navigator?.languages ?? [])];
  return wanted.map((one) => (one === null ? undefined : offered(one))).find((one) => one !== undefined) ?? 'en';
}

function chosenLanguage(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // a browser that keeps nothing, or none at all
  }
}

/** `de-AT` is read in `de` where there is nothing nearer. */
function offered(wanted: string): string | undefined {
  const there = [
    'en',
    MARKED,
    ...Object.keys(catalogues).map((file) => file.slice('./catalogues/'.length, -'.json'.length)),
  ];
  return there.find((one) => one === wanted) ?? there.find((one) => one === wanted.split('-')[0]);
}

export async function catalogueOf(language: string): Promise<Catalogue> {
  const load = catalogues[`./catalogues/${language}.json`];
  return load ? load() : (await import('./marked.ts')).marked;
}
