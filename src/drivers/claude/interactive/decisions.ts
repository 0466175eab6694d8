/** What a PermissionRequest hook asks, and the verdict it takes, in the words of the port. */
import type { DecisionAnswer, DecisionRequest } from '../../../ports/agent-driver.ts';
import { object } from '../../json-row.ts';
import { askedQuestions } from '../asked-questions.ts';
import type { Letter } from './letter-box.ts';

const REASON_MAX_CHARACTERS = 2000; // a FIFO takes 16 KiB at once on macOS, and a character up to 6 bytes in JSON

export function decisionOf(letter: Letter): DecisionRequest {
  const tool = String(letter.body['tool_name'] ?? '');
  const input = object(letter.body['tool_input']);
  const questions = askedQuestions(tool, input);
  if (questions.length > 0) return { kind: 'question', questions };
  const { cwd } = letter.body;
  const description = input['description'];
  return {
    kind: 'permission',
    tool,
    input,
    ...(typeof cwd === 'string' ? { cwd } : {}),
    ...(typeof description === 'string' ? { description } : {}),
  };
}

/** Answers to questions go back as part of the tool's own input (2.1.330). */
export function verdictOf(letter: Letter, answer: DecisionAnswer): string {
  const decision =
    answer.decision === 'deny'
      ? { behavior: 'deny', message: answer.reason.slice(0, REASON_MAX_CHARACTERS) }
      : answer.decision === 'allow'
        ? { behavior: 'allow' }
        : {
            behavior: 'allow',
            updatedInput: { ...object(letter.body['tool_input']), answers: answer.answers },
          };
  return JSON.stringify({ hookSpecificOutput: { hookEventName: 'PermissionRequest', decision } });
}
