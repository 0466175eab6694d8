import Dialog from '@mui/material/Dialog';
import { type KeyboardEvent, useRef, useState } from 'react';
import { fuzzyScore } from '../shell/fuzzy.ts';
import styles from '../shell/finder.module.css';
import { Icon, type IconName } from '../ui/icon.tsx';
import { rich } from '../words/rich.ts';

export interface Choice {
  key: string;
  label: string;
  note: string;
  words: string;
  icon: IconName;
}

interface Props {
  label: string;
  placeholder: string;
  choices: readonly Choice[];
  onChoose: (key: string) => void;
  onClose: () => void;
}

/** One out of many by a few letters: a kind of node to put in, or a node to go to. */
export function InsertList({ label, placeholder, choices, onChoose, onClose }: Props) {
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const found = choices
    .flatMap((choice) => {
      const score = fuzzyScore(query, `${choice.label} ${choice.words}`);
      return score === null ? [] : [{ choice, score }];
    })
    .toSorted((a, b) => b.score - a.score)
    .slice(0, MOST)
    .map(({ choice }) => choice);
  function choose(choice: Choice | undefined): void {
    if (!choice) return;
    onClose();
    onChoose(choice.key);
  }
  function move(to: number): void {
    const next = (to + found.length) % Math.max(1, found.length);
    setAt(next);
    list.current?.querySelector(`[data-index="${next}"]`)?.scrollIntoView({ block: 'nearest' });
  }
  function onKeyDown(event: KeyboardEvent): void {
    if (event.key === 'ArrowDown') move(at + 1);
    else if (event.key === 'ArrowUp') move(at - 1);
    else if (event.key === 'Enter') choose(found[at]);
    else return;
    event.preventDefault();
  }
  return (
    <Dialog
      open
      onClose={onClose}
      maxWidth={false}
      slotProps={{ paper: { className: styles['paper'] ?? '', 'aria-label': label } }}
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
          aria-controls="insert-list"
          aria-activedescendant={found.length > 0 ? `insert-${at}` : undefined}
          aria-label={label}
          spellCheck={false}
          autoComplete="off"
        />
        <kbd>Esc</kbd>
      </div>
      <div className={styles['list']} id="insert-list" role="listbox" aria-label={label} ref={list}>
        {found.map((choice, index) => (
          <div
            key={choice.key}
            id={`insert-${index}`}
            data-index={index}
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            className={styles['option']}
            onMouseMove={() => setAt(index)}
            onClick={() => choose(choice)}
          >
            <Icon name={choice.icon} />
            <span className={styles['label']}>{choice.label}</span>
            <span className={styles['hint']}>{choice.note}</span>
          </div>
        ))}
      </div>
      {found.length === 0 && <p className={styles['none']}>{rich('Nothing is called “{query}”.', { query })}</p>}
    </Dialog>
  );
}

const MOST = 60; // more than anybody reads; typing narrows it
