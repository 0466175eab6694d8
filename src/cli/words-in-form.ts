/** An answer in words, as the form of the question takes it: alone, or as the one text that an object asks for. */
export function wordsInForm(words: string, form: unknown): unknown {
  const { type, properties } = (form ?? {}) as { type?: unknown; properties?: Record<string, { type?: unknown }> };
  if (type !== 'object') return words;
  const [only, ...others] = Object.entries(properties ?? {});
  return only && others.length === 0 && only[1].type === 'string' ? { [only[0]]: words } : words;
}
