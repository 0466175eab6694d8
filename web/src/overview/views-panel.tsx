import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { DropPanel } from '../ui/drop-panel.tsx';
import { Icon } from '../ui/icon.tsx';
import { toast } from '../ui/toasts.ts';
import { type OverviewView, searchOf } from './overview-view.ts';
import { MOST_NAME, sameSearch, saveViews, useSavedViews, withoutView, withView } from './saved-views.ts';
import { t } from '../words/words.ts';
import styles from './overview-toolbar.module.css';

/** Views with a name: shown, kept, forgotten. */
export function ViewsPanel({ view }: { view: OverviewView }) {
  const views = useSavedViews();
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const search = searchOf(view);
  const current = views.find((each) => sameSearch(each.search, search));
  const save = (event: FormEvent, close: () => void): void => {
    event.preventDefault();
    const called = name.trim();
    if (called === '') return;
    saveViews(withView(views, { name: called, search }));
    setName('');
    close();
  };
  return (
    <DropPanel label={current?.name ?? t('Views')} icon="bookmark" title={t('Saved views')}>
      {(close) => (
        <>
          {views.map((each) => (
            <div key={each.name} className={styles['saved']}>
              <button
                type="button"
                className={styles['plain']}
                aria-current={each === current}
                onClick={() => {
                  void navigate({ to: '/', search: each.search });
                  close();
                }}
              >
                {each.name}
              </button>
              <button
                type="button"
                className={styles['forget']}
                aria-label={t('Forget the view {name}', { name: each.name })}
                onClick={() => {
                  saveViews(withoutView(views, each.name));
                  toast(t('The view {name} is forgotten', { name: each.name }), {
                    tone: 'info',
                    action: { label: t('Undo'), run: () => saveViews(views) },
                  });
                }}
              >
                <Icon name="cross" size={13} />
              </button>
            </div>
          ))}
          {views.length > 0 && <hr className={styles['rule']} />}
          <form className={styles['save']} onSubmit={(event) => save(event, close)}>
            <input
              value={name}
              maxLength={MOST_NAME}
              placeholder={t('Name of this view')}
              aria-label={t('Name of this view')}
              autoComplete="off"
              onChange={(event) => setName(event.target.value)}
            />
            <button type="submit" disabled={name.trim() === ''}>
              {t('Save')}
            </button>
          </form>
          <p className={styles['hint']}>
            {t('Filter, groups, order and columns, kept in this browser. The address is the view too: share it.')}
          </p>
        </>
      )}
    </DropPanel>
  );
}
