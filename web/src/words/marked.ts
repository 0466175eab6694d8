/** English between marks, for whoever looks for words that no translation reaches. */
import type { Catalogue } from './language.ts';

export const marked: Catalogue = {
  words: everyKey((text) => `⟦${text}⟧`),
  plurals: everyKey((forms) => {
    const [one, many] = forms.split('|');
    return { one: `⟦# ${one}⟧`, other: `⟦# ${many}⟧` };
  }),
};

function everyKey<T>(valueOf: (key: string) => T): Record<string, T> {
  return new Proxy<Record<string, T>>({}, { get: (_, key) => valueOf(String(key)) });
}
