import { type KeyboardEvent, type ReactNode, useLayoutEffect, useRef } from 'react';
import styles from './tabs.module.css';

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
  tabs: { value: string; label: ReactNode; count?: number | undefined }[];
}

/** A row of tabs: arrows move, as the pattern asks. */
export function Tabs({ label, value, onChange, tabs }: Props) {
  const row = useRef<HTMLDivElement>(null);
  // On a phone not all of them fit: the chosen one is in sight, with its neighbours.
  useLayoutEffect(() => {
    const chosen = row.current?.querySelector('[aria-selected="true"]');
    if (!row.current || !chosen) return;
    const [outer, inner] = [row.current.getBoundingClientRect(), chosen.getBoundingClientRect()];
    row.current.scrollLeft += inner.left + inner.width / 2 - (outer.left + outer.width / 2);
  }, [value]);
  function onKeyDown(event: KeyboardEvent): void {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (by === 0) return;
    event.preventDefault();
    const at = tabs.findIndex((tab) => tab.value === value);
    const next = (at + by + tabs.length) % tabs.length;
    onChange(tabs[next]?.value ?? value);
    row.current?.querySelectorAll('button')[next]?.focus();
  }
  return (
    <div className={styles['tabs']} role="tablist" aria-label={label} ref={row} onKeyDown={onKeyDown}>
      {tabs.map((tab) => (
        <button
          key={tab.value}
          type="button"
          role="tab"
          aria-selected={tab.value === value}
          tabIndex={tab.value === value ? 0 : -1}
          onClick={() => onChange(tab.value)}
        >
          {tab.label}
          {tab.count !== undefined && tab.count > 0 && <span className={styles['count']}>{tab.count}</span>}
        </button>
      ))}
    </div>
  );
}
