/** What Claude Code asks in its stream before it goes on: as a decision for a person, and the answer as it wants it. */
import type { DecisionAnswer, DecisionRequest } from '../../../ports/agent-driver.ts';
import { askedQuestions } from '../asked-questions.ts';
import type { StreamEvent } from './stream-event.ts';

export interface StreamDecision {
  requestId: string;
  request: DecisionRequest;
  response(decision: DecisionAnswer): object;
}

export function streamDecision(asked: Extract<StreamEvent, { type: 'asked' }>): StreamDecision {
  const { requestId, tool, input, description } = asked;
  const questions = askedQuestions(tool, input);
  return {
    requestId,
    request:
      questions.length > 0
        ? { kind: 'question', questions }
        : { kind: 'permission', tool, input, ...(description ? { description } : {}) },
    response(decision) {
      if (decision.decision === 'deny') return { behavior: 'deny', message: decision.reason };
      if (decision.decision === 'allow') return { behavior: 'allow', updatedInput: input };
      return { behavior: 'allow', updatedInput: { ...input, answers: decision.answers } };
    },
  };
}
