import Dialog from '@mui/material/Dialog';
import { type KeyboardEvent, useMemo, useRef, useState } from 'react';
import { Icon } from '../ui/icon.tsx';
import type { Command } from './commands.ts';
import { fuzzyScore } from './fuzzy.ts';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import styles from './finder.module.css';

const MOST = 60; // more than anybody reads; typing narrows it

interface Props {
  label: string;
  placeholder: string;
  commands: Command[];
  onClose: () => void;
  /** Was typed before it was there. */
  typed?: string;
}

/** One of many things, found by typing a part of its name. */
export function Finder({ label, placeholder, commands, onClose, typed = '' }: Props) {
  const [query, setQuery] = useState(typed);
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const found = useMemo(() => search(commands, query), [commands, query]);
  const current = Math.min(at, found.length - 1);

  function run(command: Command | undefined): void {
    if (!command) return;
    onClose();
    command.run();
  }
  function move(to: number): void {
    const next = (to + found.length) % Math.max(1, found.length);
    setAt(next);
    list.current?.querySelector(`[data-index="${next}"]`)?.scrollIntoView({ block: 'nearest' });
  }
  function onKeyDown(event: KeyboardEvent): void {
    if (event.key === 'ArrowDown') move(current + 1);
    else if (event.key === 'ArrowUp') move(current - 1);
    else if (event.key === 'Enter') run(found[current]);
    else return;
    event.preventDefault();
  }

  return (
    <Dialog
      open
      onClose={onClose}
      maxWidth={false}
      aria-label={label}
      slotProps={{ paper: { className: styles['paper'] ?? '' } }}
      transitionDuration={80}
    >
      <div className={styles['field']}>
        <Icon name="search" size={18} />
        <input
          autoFocus
          value={query}
          placeholder={placeholder}
          onChange={(event) => {
            setQuery(event.target.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
          role="combobox"
          aria-expanded="true"
          aria-controls="palette-list"
          aria-activedescendant={found.length > 0 ? `palette-${current}` : undefined}
          aria-label={t('Search')}
          spellCheck={false}
          autoComplete="off"
        />
        <kbd>Esc</kbd>
      </div>
      <div className={styles['list']} id="palette-list" role="listbox" aria-label={t('Results')} ref={list}>
        {found.map((command, index) => (
          <div key={command.id}>
            {(index === 0 || found[index - 1]?.group !== command.group) && (
              <div className={styles['group']}>{command.group}</div>
            )}
            <div
              id={`palette-${index}`}
              data-index={index}
              role="option"
              tabIndex={-1}
              aria-selected={index === current}
              className={styles['option']}
              onMouseMove={() => setAt(index)}
              onClick={() => run(command)}
            >
              <Icon name={command.icon} />
              <span className={styles['label']}>{command.label}</span>
              {command.hint && <span className={styles['hint']}>{command.hint}</span>}
              {command.keys && <kbd>{command.keys}</kbd>}
            </div>
          </div>
        ))}
        {found.length === 0 && <p className={styles['none']}>{rich('Nothing is called “{query}”.', { query })}</p>}
      </div>
    </Dialog>
  );
}

function search(commands: Command[], query: string): Command[] {
  if (query.trim() === '') return commands.slice(0, MOST);
  const scored = commands.flatMap((command) => {
    const score = fuzzyScore(query, `${command.label} ${command.words ?? ''}`);
    return score === null ? [] : [{ command, score }];
  });
  scored.sort((a, b) => b.score - a.score);
  // Groups stay together, the best group first.
  const order = [...new Set(scored.map((entry) => entry.command.group))];
  return order
    .flatMap((group) => scored.filter((entry) => entry.command.group === group).map((entry) => entry.command))
    .slice(0, MOST);
}
