/** One line of the sheet of shortcuts: what it does, and its keys, of which plain ones can be chosen anew. */
import { type KeyboardEvent, useState } from 'react';
import { choose, isPlain, oursOf } from '../ui/chosen-keys.ts';
import { keyCaps, type KeyGroup, type ShownKey } from '../ui/shown-keys.ts';
import { t } from '../words/words.ts';
import { modKey } from './mod-key.ts';

interface Props {
  group: KeyGroup;
  line: ShownKey;
  /** What this key does on this page already; undefined when nothing. */
  doneBy: (keys: string) => string | undefined;
  onChosen: () => void;
}

export function KeyLine({ group, line, doneBy, onChosen }: Props) {
  const [changing, setChanging] = useState<{ ours: string; typed: string } | null>(null);
  const [refused, setRefused] = useState<string | null>(null);

  function take(ours: string, keys: string): void {
    setChanging(null);
    const other = doneBy(keys);
    if (other !== undefined && other !== line.what) return setRefused(t('{keys} is taken: {other}', { keys, other }));
    choose(group, ours, keys);
    onChosen();
  }
  function onKeyDown(event: KeyboardEvent, ours: string, typed: string): void {
    if (event.key === 'Tab') return setChanging(null);
    event.preventDefault();
    event.stopPropagation();
    setRefused(null);
    if (event.key === 'Escape') return setChanging(null);
    if (event.key === 'Backspace') return take(ours, ours);
    if (event.key === 'Enter' && typed !== '') return take(ours, typed);
    if (event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey || event.key === ' ') return;
    const key = event.key.toLowerCase();
    if (typed === '') setChanging({ ours, typed: key });
    else take(ours, `${typed} ${key}`);
  }

  return (
    <div>
      <dt>
        {line.what}
        {changing && <em role="status">{t('Press one key and Enter, or two keys. Backspace takes ours again.')}</em>}
        {refused && <em role="alert">{refused}</em>}
      </dt>
      <dd>
        {line.keys.map((keys) => {
          const ours = oursOf(group, keys);
          const isChanged = changing !== null && changing.ours === ours;
          const caps = keyCaps(isChanged ? changing.typed || '…' : keys, modKey).map((cap, index) => (
            <kbd key={index}>{cap}</kbd>
          ));
          if (!line.everywhere || ours === null || !isPlain(ours))
            return (
              <span key={keys} data-keys={keys}>
                {caps}
              </span>
            );
          return (
            <button
              key={ours}
              type="button"
              data-keys={keys}
              data-changing={isChanged}
              title={t('Choose another key for “{what}”', { what: line.what })}
              onClick={() => {
                setRefused(null);
                setChanging({ ours, typed: '' });
              }}
              onBlur={() => setChanging(null)}
              onKeyDown={(event) => {
                if (isChanged) onKeyDown(event, ours, changing.typed);
              }}
            >
              {caps}
            </button>
          );
        })}
      </dd>
    </div>
  );
}
