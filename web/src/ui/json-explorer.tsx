import { useDeferredValue, useMemo, useState } from 'react';
import { matchingPaths } from './json-paths.ts';
import { JsonTree } from './json-tree.tsx';
import { rich } from '../words/rich.ts';
import { plural, t } from '../words/words.ts';
import styles from './json-explorer.module.css';

interface Part {
  title: string;
  value: unknown;
  /** What an expression calls it. */
  root: string;
  /** Said where there is nothing. */
  none: string;
}

/** Some values as trees that are searched together, each part to be copied as path or value. */
export function JsonExplorer({ parts }: { parts: readonly Part[] }) {
  const [text, setText] = useState('');
  const wanted = useDeferredValue(text.trim());
  const found = useMemo(
    () => parts.map(({ value }) => (wanted === '' ? undefined : matchingPaths(value, wanted))),
    [parts, wanted],
  );
  const count = found.reduce((sum, one) => sum + (one?.count ?? 0), 0);
  return (
    <>
      <div className={styles['search']}>
        <input
          type="search"
          placeholder={t('Find a key or value')}
          aria-label={t('Find a key or value')}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => event.key === 'Escape' && setText('')}
        />
        <span role="status">
          {wanted === '' ? '' : count === 0 ? t('not found') : t('{count} found', { count: plural(count, 'place') })}
        </span>
      </div>
      {parts.map(({ title, value, root, none }, index) => {
        const keep = found[index]?.keep;
        return (
          <section key={title} className={styles['part']} aria-label={title}>
            <h3>{title}</h3>
            {value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0) ? (
              <p>{none}</p>
            ) : keep?.size === 0 ? (
              <p>{rich('“{wanted}” is not in it.', { wanted })}</p>
            ) : (
              // Anew for each text, so that what fits is open.
              <JsonTree key={wanted} value={value} root={root} {...(keep ? { keep } : {})} />
            )}
          </section>
        );
      })}
    </>
  );
}
