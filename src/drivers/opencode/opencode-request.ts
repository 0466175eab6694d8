/** What opencode asks before it goes on: as a decision for a person, and the person's answer as opencode wants it. */
import type { AskedQuestion, DecisionAnswer, DecisionRequest } from '../../ports/agent-driver.ts';
import { isObject, type Json, list, objectIn, text } from '../json-row.ts';

export interface OpencodeRequest {
  requestId: string;
  request: DecisionRequest;
  /** Where the answer goes, and what it says. */
  answer(decision: DecisionAnswer): { path: string; body: object };
}

/** Names that other drivers have for the same, so that a rule of the inbox fits them all. */
const TOOLS: Readonly<Record<string, string>> = {
  bash: 'Bash',
  edit: 'Edit',
  read: 'Read',
  glob: 'Glob',
  grep: 'Grep',
  webfetch: 'WebFetch',
  websearch: 'WebSearch',
};

/** `input`: of the call of the tool that asks, as far as it is known. */
export function permissionRequest(request: Json, cwd: string, input: Json): OpencodeRequest {
  const requestId = text(request['id']);
  const permission = text(request['permission']);
  const patterns = list(request['patterns']).map(text);
  const metadata = objectIn(request, 'metadata');
  const file = text(metadata['filepath']);
  return {
    requestId,
    request: {
      kind: 'permission',
      tool: TOOLS[permission] ?? permission,
      input: {
        ...(permission === 'edit' ? {} : input),
        ...metadata,
        ...(file ? { file_path: file } : {}),
        ...(patterns.length > 0 ? { patterns } : {}),
      },
      cwd: text(input['workdir']) || cwd,
      ...(text(input['description']) ? { description: text(input['description']) } : {}),
    },
    answer: (decision) => ({
      path: `/permission/${requestId}/reply`,
      body:
        decision.decision === 'allow'
          ? { reply: 'once' }
          : // Without a word opencode would end the turn.
            { reply: 'reject', message: (decision.decision === 'deny' && decision.reason) || 'it was denied' },
    }),
  };
}

export function questionRequest(request: Json): OpencodeRequest {
  const requestId = text(request['id']);
  const questions: AskedQuestion[] = list(request['questions'])
    .filter(isObject)
    .map((one) => ({
      question: text(one['question']),
      ...(text(one['header']) ? { header: text(one['header']) } : {}),
      multiple: one['multiple'] === true,
      options: list(one['options'])
        .filter(isObject)
        .map((option) => ({ label: text(option['label']), description: text(option['description']) })),
    }));
  return {
    requestId,
    request: { kind: 'question', questions },
    answer: (decision) => ({
      path: `/question/${requestId}/reply`,
      body: {
        answers: questions.map(({ question }) => {
          if (decision.decision === 'answer') return [decision.answers[question] ?? ''].filter((one) => one !== '');
          return decision.decision === 'deny' ? [decision.reason] : [];
        }),
      },
    }),
  };
}
