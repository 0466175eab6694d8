/** A turn that ends in plain words with a question waits for an answer, though nothing is pending. */
export function endsWithQuestion(text: string): boolean {
  return /\?["'”’)*_\s]*$/u.test(text);
}
