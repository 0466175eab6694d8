import { type FormEvent, useState } from 'react';
import { DropPanel } from '../ui/drop-panel.tsx';
import { Icon } from '../ui/icon.tsx';
import styles from '../overview/overview-toolbar.module.css';
import { type Desk, MOST_DESK_NAME, MOST_DESKS } from './stored-desks.ts';
import { t } from '../words/words.ts';
import own from './desk.module.css';

interface Props {
  desks: readonly Desk[];
  current: Desk | undefined;
  onOpen: (id: string) => void;
  /** With the panels of this one, or empty. */
  onSaveAs: (name: string, from: 'this' | 'empty') => void;
  onRename: (id: string, name: string) => void;
  onDelete: (desk: Desk) => void;
}

/** Desks by name: opened, saved under another name, renamed, deleted. */
export function DesksMenu({ desks, current, onOpen, onSaveAs, onRename, onDelete }: Props) {
  const [name, setName] = useState('');
  const [renaming, setRenaming] = useState<{ id: string; name: string } | null>(null);
  const rename = (event: FormEvent): void => {
    event.preventDefault();
    if (renaming && renaming.name.trim() !== '') onRename(renaming.id, renaming.name.trim());
    setRenaming(null);
  };
  return (
    <DropPanel label={current?.name ?? t('Desks')} icon="desk" title={t('Your desks')}>
      {(close) => (
        <>
          {desks.map((desk) =>
            renaming?.id === desk.id ? (
              <form key={desk.id} className={styles['save']} onSubmit={rename}>
                <input
                  autoFocus
                  value={renaming.name}
                  maxLength={MOST_DESK_NAME}
                  aria-label={t('New name of {name}', { name: desk.name })}
                  autoComplete="off"
                  onChange={(event) => setRenaming({ id: desk.id, name: event.target.value })}
                  onKeyDown={(event) => {
                    if (event.key !== 'Escape') return;
                    event.stopPropagation();
                    setRenaming(null);
                  }}
                />
                <button type="submit" disabled={renaming.name.trim() === ''}>
                  {t('Rename')}
                </button>
              </form>
            ) : (
              <div key={desk.id} className={styles['saved']}>
                <button
                  type="button"
                  className={styles['plain']}
                  aria-current={desk.id === current?.id}
                  onClick={() => {
                    onOpen(desk.id);
                    close();
                  }}
                >
                  {desk.name}
                </button>
                <button
                  type="button"
                  className={own['tool']}
                  aria-label={t('Rename {name}', { name: desk.name })}
                  title={t('Rename')}
                  onClick={() => setRenaming({ id: desk.id, name: desk.name })}
                >
                  <Icon name="edit" size={13} />
                </button>
                <button
                  type="button"
                  className={styles['forget']}
                  aria-label={t('Delete {name}', { name: desk.name })}
                  title={t('Delete')}
                  onClick={() => {
                    close();
                    onDelete(desk);
                  }}
                >
                  <Icon name="trash" size={13} />
                </button>
              </div>
            ),
          )}
          {desks.length > 0 && <hr className={styles['rule']} />}
          <form
            className={styles['save']}
            onSubmit={(event) => {
              event.preventDefault();
              if (name.trim() === '') return;
              onSaveAs(name, 'this');
              setName('');
              close();
            }}
          >
            <input
              value={name}
              maxLength={MOST_DESK_NAME}
              placeholder={t('Name of another desk')}
              aria-label={t('Name of another desk')}
              autoComplete="off"
              disabled={desks.length >= MOST_DESKS}
              onChange={(event) => setName(event.target.value)}
            />
            <button type="submit" disabled={name.trim() === ''}>
              {t('Save as')}
            </button>
          </form>
          <div className={own['menu']}>
            <button
              type="button"
              className={styles['plain']}
              disabled={desks.length >= MOST_DESKS}
              onClick={() => {
                onSaveAs(name, 'empty');
                setName('');
                close();
              }}
            >
              <Icon name="plus" size={14} /> {t('An empty desk')}
            </button>
          </div>
          <p className={styles['hint']}>
            {desks.length >= MOST_DESKS
              ? t('There are at most {MOST_DESKS} desks: delete one for another.', { MOST_DESKS })
              : t('Kept for you on the server, in every browser you sign in with. Changes are saved as you make them.')}
          </p>
        </>
      )}
    </DropPanel>
  );
}
