import { type RefObject } from 'react';
import { focusTitle } from '../ui/kept-focus.ts';
import { DropPanel } from '../ui/drop-panel.tsx';
import { PHONE, useMedia } from '../ui/use-media.ts';
import { ALL_COLUMNS, type Column, COLUMNS, GROUPINGS, type Grouping, type OverviewView } from './overview-view.ts';
import { ViewsPanel } from './views-panel.tsx';
import { setDensity, useDensity } from '../ui/density.ts';
import { t } from '../words/words.ts';
import { useKeyOf } from '../ui/chosen-keys.ts';
import styles from './overview-toolbar.module.css';

interface Props {
  view: OverviewView;
  columns: readonly Column[];
  field: RefObject<HTMLInputElement | null>;
  onChange: (change: Partial<OverviewView>) => void;
  onFirst: () => void;
}

/** What is shown of the agents, and how. */
export function OverviewToolbar({ view, columns, field, onChange, onFirst }: Props) {
  const keyOf = useKeyOf('Overview');
  const phone = useMedia(PHONE);
  const density = useDensity();
  return (
    <div className={styles['tools']}>
      <input
        ref={field}
        className={styles['filter']}
        type="search"
        placeholder={phone ? t('Filter') : t('Filter  ( {key} )', { key: keyOf('/') })}
        aria-label={t('Filter agents by name, role, kind or status')}
        value={view.filter}
        onChange={(event) => onChange({ filter: event.target.value })}
        onKeyDown={(event) => {
          if (event.key === 'Enter') onFirst();
          if (event.key === 'Escape') {
            onChange({ filter: '' });
            focusTitle();
          }
        }}
      />
      <label className={styles['group']}>
        <span className="sr-only">{t('Group by')}</span>
        <select value={view.group} onChange={(event) => onChange({ group: event.target.value as Grouping })}>
          {Object.entries(GROUPINGS).map(([value, word]) => (
            <option key={value} value={value}>
              {value === 'none' ? word : t('By {word}', { word: word.toLowerCase() })}
            </option>
          ))}
        </select>
      </label>
      {!phone && (
        <DropPanel label={t('Columns')} icon="columns" title={t('Columns and density')}>
          {() => (
            <>
              {ALL_COLUMNS.map((column) => (
                <label key={column} className={styles['choice']}>
                  <input
                    type="checkbox"
                    checked={columns.includes(column)}
                    onChange={(event) =>
                      onChange({
                        columns: ALL_COLUMNS.filter((each) =>
                          each === column ? event.target.checked : columns.includes(each),
                        ),
                      })
                    }
                  />
                  {COLUMNS[column]}
                </label>
              ))}
              <hr className={styles['rule']} />
              <label className={styles['choice']}>
                <input
                  type="checkbox"
                  checked={density === 'compact'}
                  onChange={(event) => setDensity(event.target.checked ? 'compact' : 'comfortable')}
                />
                {t('Compact rows')}
              </label>
              {view.columns && (
                <button type="button" className={styles['plain']} onClick={() => onChange({ columns: null })}>
                  {t('The usual columns')}
                </button>
              )}
            </>
          )}
        </DropPanel>
      )}
      <ViewsPanel view={view} />
    </div>
  );
}
