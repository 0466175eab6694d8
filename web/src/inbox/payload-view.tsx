import { useMemo, useState } from 'react';
import { JsonTree } from '../ui/json-tree.tsx';
import { VisibleText } from '../ui/visible-text.tsx';
import { CodeText } from './code-text.tsx';
import { type PayloadPart, payloadParts } from './payload-parts.ts';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import styles from './payload-view.module.css';

/** Read as prose, code or a diff where the name is known; nothing is left out, the exact value is always there. */
export function PayloadView({ payload }: { payload: Record<string, unknown> }) {
  const { parts, rest } = useMemo(() => payloadParts(payload), [payload]);
  return (
    <div className={styles['payload']}>
      {parts.map((part) => (
        <Part key={part.name} part={part} />
      ))}
      {Object.keys(rest).length > 0 && (
        <div className={styles['rest']}>
          <JsonTree value={rest} />
        </div>
      )}
      <details className={styles['exact']}>
        <summary>{t('Exactly what is decided about')}</summary>
        <pre tabIndex={0}>
          <CodeText text={JSON.stringify(payload, null, 2)} language="json" />
        </pre>
      </details>
    </div>
  );
}

function Part({ part }: { part: PayloadPart }) {
  switch (part.kind) {
    case 'prose':
      return (
        <p className={styles['prose']}>
          <VisibleText text={part.text} />
        </p>
      );
    case 'code':
      return (
        <figure className={styles['code']}>
          <figcaption>{part.name}</figcaption>
          <pre tabIndex={0}>
            <CodeText text={part.text} language={part.language} />
          </pre>
        </figure>
      );
    case 'diff':
      return <Diff part={part} />;
  }
}

const FIRST_LINES = 400; // more is slow to draw, and asked for by who reads it
const SIGNS = { add: '+', delete: '−', context: '', place: '' } as const;

function Diff({ part: { title, lines, added, removed } }: { part: Extract<PayloadPart, { kind: 'diff' }> }) {
  const [shown, setShown] = useState(FIRST_LINES);
  return (
    <figure className={styles['code']}>
      <figcaption>
        <span className={styles['file']}>
          <VisibleText text={title} />
        </span>
        <span className={styles['counts']}>
          <span data-type="add">+{added}</span> <span data-type="delete">−{removed}</span>
        </span>
      </figcaption>
      <div className={styles['diff']} tabIndex={0} role="region" aria-label={t('Changes of {title}', { title })}>
        {lines.slice(0, shown).map((line, index) => (
          <div key={index} className={styles['line']} data-type={line.type}>
            <span className={styles['sign']}>{SIGNS[line.type]}</span>
            <span>
              <VisibleText text={line.text} />
            </span>
          </div>
        ))}
        {lines.length > shown && (
          <button type="button" className={styles['more']} onClick={() => setShown(lines.length)}>
            {rich('{count} more lines', { count: lines.length - shown })}
          </button>
        )}
      </div>
    </figure>
  );
}
