/** The delivery of a task as the five facts it is made of; pure. */
import type { Receipts } from '../../../src/contract/tasks.ts';
import { t } from '../words/words.ts';

export interface Receipt {
  word: string;
  at: string | null;
}

export function receiptLine(receipts: Receipts): Receipt[] {
  return [
    { word: t('accepted'), at: receipts.acceptedAt },
    { word: t('typed'), at: receipts.typedAt },
    { word: t('submitted'), at: receipts.submittedAt },
    { word: t('started'), at: receipts.turnStartedAt },
    { word: t('finished'), at: receipts.finishedAt },
  ];
}
