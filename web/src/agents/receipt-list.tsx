import type { Receipts } from '../../../src/contract/tasks.ts';
import { Icon } from '../ui/icon.tsx';
import { clockWords } from '../ui/time-words.ts';
import { receiptLine } from './receipts.ts';
import { t } from '../words/words.ts';
import styles from './receipt-list.module.css';

/** How far the delivery of a task got, and when. */
export function ReceiptList({ receipts }: { receipts: Receipts }) {
  return (
    <ol className={styles['receipts']} aria-label={t('Delivery')}>
      {receiptLine(receipts).map((receipt) => (
        <li
          key={receipt.word}
          data-done={receipt.at !== null}
          title={
            receipt.at
              ? t('{word} at {at}', { word: receipt.word, at: clockWords(receipt.at) })
              : t('not {word} yet', { word: receipt.word })
          }
        >
          <Icon name={receipt.at ? 'check' : 'ring'} size={12} />
          {receipt.word}
        </li>
      ))}
    </ol>
  );
}
