import { Fragment } from 'react';
import { splitHidden } from './split-hidden.ts';
import { t } from '../words/words.ts';

/** Text from elsewhere, whole, with every invisible or direction-changing character made visible. */
export function VisibleText({ text }: { text: string }) {
  return splitHidden(text).map((part, index) =>
    part.hidden ? (
      <mark
        key={index}
        title={t('A character that cannot be seen')}
        style={{ background: 'var(--bad-soft)', color: 'var(--bad)', borderRadius: 3, padding: '0 2px' }}
      >
        {part.text}
      </mark>
    ) : (
      <Fragment key={index}>{part.text}</Fragment>
    ),
  );
}
