/** Which prompts are one command line that every shell takes unchanged. */
import type { DeliverOutcome } from '../../ports/agent-driver.ts';
import { quoted } from './shell-quoting.ts';

/** The command in a subshell there, so that the person's own directory stays where it is. */
export function lineIn(directory: string, prompt: string): string {
  // Quoted, so that no character of the command (a comment, a `)`) ends the subshell early.
  return `(cd ${quoted(directory)} || exit; eval ${quoted(prompt)})`;
}

export function unfitLine(prompt: string): Extract<DeliverOutcome, { outcome: 'refused' }> | undefined {
  if (/[\n\r\u0085\u2028\u2029]/.test(prompt))
    return { outcome: 'refused', code: 'SHELL_PROMPT_MULTILINE', reason: 'the prompt has more than one line' };
  return unfitText(prompt);
}

export function unfitText(prompt: string): Extract<DeliverOutcome, { outcome: 'refused' }> | undefined {
  if (/[^\P{Cc}\t\n]/u.test(prompt) || !prompt.isWellFormed())
    return {
      outcome: 'refused',
      code: 'PROMPT_CONTROL_CHARACTERS',
      reason: 'the prompt holds a control character or half a character',
    };
  if (prompt.trim() === '')
    return { outcome: 'refused', code: 'COMMAND_FAILED', reason: 'the prompt is empty: there is nothing to run' };
  return undefined;
}
