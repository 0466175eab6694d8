/** The delivery of a task as the five facts it is made of; pure. */
import type { Receipts } from '../../../src/contract/tasks.ts';

export interface Receipt {
  word: string;
  at: string | null;
}

export function receiptLine(receipts: Receipts): Receipt[] {
  return [
    { word: 'accepted', at: receipts.acceptedAt },
    { word: 'typed', at: receipts.typedAt },
    { word: 'submitted', at: receipts.submittedAt },
    { word: 'started', at: receipts.turnStartedAt },
    { word: 'finished', at: receipts.finishedAt },
  ];
}
