/** How a prompt is written into Claude Code's input line so that the model reads exactly it, and is recognised again. */

/** Claude Code leaves these words to no model: they end it (2.1.330). */
const ENDING_WORDS = new Set(['exit', 'quit', ':q', ':q!', ':wq', ':wq!']);

/**
 * The text for the input line. A known command at its beginning would be run, also after blanks and newlines: such a
 * prompt goes in a pair of tags. A last backslash would turn Enter into a newline: a blank after it, which Claude Code
 * cuts off again. `!` and `#` are only commands when typed, not when they come from the editor.
 */
export function composed(prompt: string): string {
  const core = prompt.trim();
  if (core.startsWith('/') || ENDING_WORDS.has(core.toLowerCase())) return `<prompt>\n${prompt}\n</prompt>`;
  return core.endsWith('\\') ? `${prompt} ` : prompt;
}

/**
 * Whether what Claude Code took is this prompt. It cuts blanks off the ends, takes out characters that nobody sees
 * (also within words of some scripts it does not), makes line ends of U+2028 and its like, and marks its own tag.
 */
export function isPrompt(taken: string, prompt: string): boolean {
  return comparable(taken) === comparable(composed(prompt));
}

function comparable(text: string): string {
  return text
    .replaceAll(/\r\n?|[\u0085\u2028\u2029]/g, '\n')
    .replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '')
    .replaceAll(/<\\(\/?)pasted_content/g, '<$1pasted_content')
    .trim();
}

/** The characters that a terminal would take for keys: nothing of such a prompt may be typed. */
export function hasControlCharacters(prompt: string): boolean {
  return /[^\P{Cc}\t\n]/u.test(prompt) || !prompt.isWellFormed();
}
