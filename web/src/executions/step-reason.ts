/** Why a step is as it is, in words. */
import { t } from '../words/words.ts';

const WORDS = new Map(
  Object.entries({
    upstream_failed: t('Something before it failed, so it did not run.'),
    not_taken: t('No edge that was taken leads here, so it did not run.'),
    lost_quorum: t('Enough of the others had ended, so it was cancelled.'),
    cancelled: t('It was cancelled.'),
    timeout: t('Its time was up.'),
    approval: t('It waits until somebody decides.'),
    edited: t('Its output was written by hand when the execution was forked.'),
    pinned: t('Its outcome was given beforehand; it had no effect.'),
  }),
);

/** `reason` as the API gives it: a word of the engine, or a sentence of whatever ran the step. */
export function stepReason(reason: string): string {
  return WORDS.get(reason) ?? reason;
}
