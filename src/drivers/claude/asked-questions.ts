import type { AskedQuestion } from '../../ports/agent-driver.ts';
import { type Json, objects } from '../json-row.ts';

/** What the input of a tool asks a person; none when it is not Claude Code's own AskUserQuestion. */
export function askedQuestions(tool: string, input: Json): AskedQuestion[] {
  if (tool !== 'AskUserQuestion') return [];
  return objects(input['questions']).flatMap(({ question, header, multiSelect, options }) => {
    if (typeof question !== 'string') return [];
    return [
      {
        question,
        ...(typeof header === 'string' ? { header } : {}),
        multiple: multiSelect === true,
        options: objects(options).flatMap(({ label, description }) =>
          typeof label === 'string' ? [{ label, ...(typeof description === 'string' ? { description } : {}) }] : [],
        ),
      },
    ];
  });
}
