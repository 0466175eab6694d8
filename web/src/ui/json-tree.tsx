import { useState } from 'react';
import { VisibleText } from './visible-text.tsx';
import styles from './json-tree.module.css';

const FIRST = 100; // entries shown before asking for more
const OPEN_DEPTH = 2;

/** Any JSON value as a tree that can be opened and closed; text is never cut. */
export function JsonTree({ value, open = OPEN_DEPTH }: { value: unknown; open?: number }) {
  return (
    <div className={styles['tree']}>
      <Node value={value} depth={0} open={open} />
    </div>
  );
}

function Node({ name, value, depth, open }: { name?: string; value: unknown; depth: number; open: number }) {
  const [shown, setShown] = useState(FIRST);
  const label = name === undefined ? null : <span className={styles['key']}>{name}</span>;
  if (typeof value !== 'object' || value === null) {
    return (
      <div className={styles['leaf']}>
        {label}
        <Scalar value={value} />
      </div>
    );
  }
  const list = Array.isArray(value);
  const entries = Object.entries(value);
  if (entries.length === 0) {
    return (
      <div className={styles['leaf']}>
        {label}
        <span className={styles['quiet']}>{list ? 'empty list' : 'empty'}</span>
      </div>
    );
  }
  const children = (
    <div className={depth > 0 || name !== undefined ? styles['children'] : undefined}>
      {entries.slice(0, shown).map(([key, child]) => (
        <Node key={key} name={key} value={child} depth={depth + 1} open={open} />
      ))}
      {entries.length > shown && (
        <button type="button" onClick={() => setShown(shown + FIRST)}>
          {entries.length - shown} more
        </button>
      )}
    </div>
  );
  if (name === undefined) return children;
  return (
    <details className={styles['node']} open={depth < open && entries.length <= FIRST}>
      <summary>
        {label}
        <span className={styles['quiet']}>
          {list ? `${entries.length} ${entries.length === 1 ? 'entry' : 'entries'}` : `{${entries.length}}`}
        </span>
      </summary>
      {children}
    </details>
  );
}

function Scalar({ value }: { value: unknown }) {
  if (typeof value === 'string') {
    return (
      <span className={value.includes('\n') ? styles['block'] : styles['string']}>
        {value === '' ? <span className={styles['quiet']}>empty text</span> : <VisibleText text={value} />}
      </span>
    );
  }
  return <span className={styles['scalar']}>{value === undefined ? 'nothing' : String(value)}</span>;
}
