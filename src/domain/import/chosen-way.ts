/** The edge after a decision that a person takes with the form of `ImportDraft.decision`. */
import { celText } from './foreign-template.ts';

/** Each way says that none before it was taken, so many of them would make a text that nobody can read. */
export const MOST_WAYS = 50;

/** Without an answer – it was rejected – no way is taken. */
export function chosenWay(id: string, way: string): string {
  return `has(nodes.${id}.output.form) && nodes.${id}.output.form.next == ${celText(way)}`;
}
