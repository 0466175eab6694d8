/** How well a query fits a text: null when not at all, higher is better; pure. */
export function fuzzyScore(query: string, text: string): number | null {
  const needle = query.trim().toLowerCase();
  const hay = text.toLowerCase();
  if (needle === '') return 0;
  const at = hay.indexOf(needle);
  if (at === 0) return 1000 - hay.length;
  if (at > 0) return (/[\s\-_/.]/.test(hay[at - 1] ?? '') ? 800 : 600) - at - hay.length / 100;
  let score = 300;
  let position = -1;
  for (const character of needle.replaceAll(' ', '')) {
    const next = hay.indexOf(character, position + 1);
    if (next === -1) return null;
    score -= Math.min(20, next - position - 1);
    position = next;
  }
  return score;
}
