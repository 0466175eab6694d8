/** A step and where its time went, in words; pure. */
import { clockWords, durationWords } from '../ui/time-words.ts';
import { STEP_LOOK } from '../ui/tone.ts';
import { spent, type StepTime, type TimeKind } from './step-times.ts';
import { t } from '../words/words.ts';

export const KIND_WORDS: Record<TimeKind, string> = {
  queue: t('in a queue'),
  work: t('at work'),
  person: t('waiting for a person'),
  event: t('waiting for a time or an event'),
};

export function stepName({ step }: Pick<StepTime, 'step'>): string {
  return [
    step.item ? `${step.nodeId} [${step.item.key ?? step.item.index}]` : step.nodeId,
    step.iteration > 1 && t('round {iteration}', { iteration: step.iteration }),
    step.attempt > 1 && t('try {attempt}', { attempt: step.attempt }),
  ]
    .filter(Boolean)
    .join(', ');
}

export function timeWords(time: StepTime, critical: boolean): string {
  const by = spent(time.segments);
  const parts = (['queue', 'work', 'person', 'event'] as const)
    .filter((kind) => by[kind] > 0)
    .map((kind) => `${durationWords(by[kind])} ${KIND_WORDS[kind]}`);
  const { step } = time;
  const when = step.startedAt
    ? `${clockWords(step.startedAt)} – ${step.finishedAt ? clockWords(step.finishedAt) : t('now')}`
    : t('not started');
  return [
    stepName(time),
    STEP_LOOK[step.status].word,
    when,
    parts.join(', ') || t('no time'),
    critical && t('on the critical path'),
  ]
    .filter(Boolean)
    .join(' · ');
}
