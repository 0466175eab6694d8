/** With an ellipsis where something is missing. */
export function shortened(text: string, characters: number): string {
  return text.length > characters ? `${text.slice(0, Math.max(1, characters - 1)).trimEnd()}…` : text;
}
