import { useState } from 'react';
import { copyText } from './copy-text.ts';
import { Icon } from './icon.tsx';
import { entriesOf, type JsonPath, pathKey, pathWords } from './json-paths.ts';
import { toast } from './toasts.ts';
import { VisibleText } from './visible-text.tsx';
import { rich } from '../words/rich.ts';
import { plural, t } from '../words/words.ts';
import styles from './json-tree.module.css';

const FIRST = 100; // entries shown before asking for more
const OPEN_DEPTH = 2;

interface Shared {
  /** How deep it is open at first. */
  open: number;
  /** What an expression calls the whole value: each part can be copied then, as path and as value. */
  root: string | undefined;
  /** Only these places. */
  keep: ReadonlySet<string> | undefined;
}

/** Any JSON value as a tree that can be opened and closed; text is never cut. */
export function JsonTree({ value, open = OPEN_DEPTH, root, keep }: { value: unknown } & Partial<Shared>) {
  return (
    <div className={styles['tree']}>
      <Node value={value} path={[]} shared={{ open, root, keep }} />
    </div>
  );
}

function Node({ value, path, shared }: { value: unknown; path: JsonPath; shared: Shared }) {
  const [shown, setShown] = useState(FIRST);
  const { open, root, keep } = shared;
  const name = path.at(-1);
  const label = name === undefined ? null : <span className={styles['key']}>{name}</span>;
  const copies = root !== undefined && <Copies value={value} words={pathWords(root, path)} />;
  const entries = entriesOf(value);
  if (entries === null || entries.length === 0) {
    return (
      <div className={styles['leaf']}>
        {label}
        {entries === null ? (
          <Scalar value={value} />
        ) : (
          <span className={styles['quiet']}>{Array.isArray(value) ? t('empty list') : t('empty')}</span>
        )}
        {copies}
      </div>
    );
  }
  const kept = keep ? entries.filter(([key]) => keep.has(pathKey([...path, key]))) : entries;
  // A name that fits by itself shows all that is in it.
  const listed = kept.length > 0 ? kept : entries;
  const children = (
    <div className={name === undefined ? undefined : styles['children']}>
      {listed.slice(0, shown).map(([key, child]) => (
        <Node
          key={key}
          value={child}
          path={[...path, key]}
          shared={kept.length > 0 ? shared : { ...shared, keep: undefined }}
        />
      ))}
      {listed.length > shown && (
        <button type="button" className={styles['more']} onClick={() => setShown(shown + FIRST)}>
          {rich('{count} more', { count: listed.length - shown })}
        </button>
      )}
    </div>
  );
  if (name === undefined) return children;
  return (
    <details className={styles['node']} open={keep !== undefined || (path.length < open && entries.length <= FIRST)}>
      <summary>
        {label}
        <span className={styles['quiet']}>
          {Array.isArray(value) ? plural(entries.length, 'entry', 'entries') : `{${entries.length}}`}
        </span>
        {copies}
      </summary>
      {children}
    </details>
  );
}

function Copies({ value, words }: { value: unknown; words: string }) {
  const copy = (text: string, what: string): void =>
    void copyText(text).then(
      () => toast(t('{what} is copied', { what })),
      () => toast(t('The browser did not allow copying; select the text'), { tone: 'bad' }),
    );
  return (
    <span className={styles['copies']}>
      <button
        type="button"
        title={t('Copy the path {words}', { words })}
        aria-label={t('Copy the path {words}', { words })}
        onClick={(event) => {
          event.preventDefault(); // of a summary: it would open
          copy(words, words);
        }}
      >
        <Icon name="link" size={13} />
      </button>
      <button
        type="button"
        title={t('Copy the value')}
        aria-label={t('Copy the value of {words}', { words })}
        onClick={(event) => {
          event.preventDefault();
          copy(typeof value === 'string' ? value : JSON.stringify(value, null, 2), t('The value'));
        }}
      >
        <Icon name="copy" size={13} />
      </button>
    </span>
  );
}

function Scalar({ value }: { value: unknown }) {
  if (typeof value === 'string') {
    return (
      <span className={value.includes('\n') ? styles['block'] : styles['string']}>
        {value === '' ? <span className={styles['quiet']}>{t('empty text')}</span> : <VisibleText text={value} />}
      </span>
    );
  }
  return <span className={styles['scalar']}>{value === undefined ? t('nothing') : String(value)}</span>;
}
