/** One bar for each attempt, iteration and item on a common time; only those in sight are in the page. */
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'react';
import type { Step } from '../../../src/contract/executions.ts';
import { Empty } from '../ui/empty.tsx';
import { Icon } from '../ui/icon.tsx';
import { useFieldKeys } from '../ui/keys.ts';
import { TimelineRow } from './timeline-row.tsx';
import { share, ticks, tickWords } from './time-scale.ts';
import { KIND_WORDS, timeWords } from './timeline-words.ts';
import type { ExecutionTimes } from './use-step-times.ts';
import { t } from '../words/words.ts';
import styles from './timeline-view.module.css';

const ROW_PX = 28;
const OVERSCAN = 6;
const MOST_ZOOM = 256;
const LABEL_PX = 200; // as in the style sheet
const TICK_PX = 110;

interface Props extends ExecutionTimes {
  selected: string | null;
  onSelect: (step: Step) => void;
}

export function TimelineView({ times, scale, path, selected, onSelect }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const id = useId();
  const [zoom, setZoom] = useState(1);
  const [top, setTop] = useState(0);
  const [size, setSize] = useState({ width: 800, height: 300 });
  const [pointed, setPointed] = useState<number | null>(null);
  const [moved, setMoved] = useState<{ from: string | null; to: string | null }>({ from: selected, to: selected });
  const [onlyPath, setOnlyPath] = useState(false);
  /** The moment that stays where it is while the scale changes. */
  const anchor = useRef<{ share: number; px: number } | null>(null);
  // The keyboard begins where the page is.
  const active = moved.from === selected ? moved.to : selected;
  const shown = onlyPath && path ? times.filter(({ step }) => path.steps.has(step.id)) : times;
  const at = Math.max(
    0,
    shown.findIndex(({ step }) => step.id === active),
  );

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = (): void => setSize({ width: element.clientWidth, height: element.clientHeight });
    measure();
    const resized = new ResizeObserver(measure);
    resized.observe(element);
    return () => resized.disconnect();
  }, []);
  // Zooming by wheel needs a listener that may keep the page from zooming itself.
  const zoomBy = useRef<(factor: number, px?: number) => void>(() => undefined);
  useEffect(() => {
    const element = box.current;
    const onWheel = (event: WheelEvent): void => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      zoomBy.current(event.deltaY < 0 ? 1.25 : 0.8, event.clientX - (element?.getBoundingClientRect().left ?? 0));
    };
    element?.addEventListener('wheel', onWheel, { passive: false });
    return () => element?.removeEventListener('wheel', onWheel);
  }, []);
  const label = size.width < 560 ? 0 : LABEL_PX;
  const track = Math.max(100, (size.width - label - 16) * zoom);
  useEffect(() => {
    zoomBy.current = (factor, px = (size.width + label) / 2) => {
      const left = box.current?.scrollLeft ?? 0;
      anchor.current = { share: (left + px - label) / track, px: px - label };
      setZoom((was) => Math.max(1, Math.min(MOST_ZOOM, was * factor)));
    };
  });
  useLayoutEffect(() => {
    if (!box.current || !anchor.current) return;
    box.current.scrollLeft = anchor.current.share * track - anchor.current.px;
    anchor.current = null;
  }, [track]);
  const reveal = (index: number): void => {
    const element = box.current;
    if (!element) return;
    const upper = index * ROW_PX;
    const room = element.clientHeight - ROW_PX - 26;
    if (upper < element.scrollTop) element.scrollTop = upper;
    else if (upper > element.scrollTop + room) element.scrollTop = upper - room;
  };
  const newest = useRef({ shown, reveal });
  useEffect(() => {
    newest.current = { shown, reveal };
  });
  useEffect(() => {
    if (selected === null) return;
    const index = newest.current.shown.findIndex(({ step }) => step.id === selected);
    if (index !== -1) newest.current.reveal(index);
  }, [selected]);

  const page = Math.max(1, Math.floor(size.height / ROW_PX) - 2);
  const to = (place: number) => (): void => {
    const index = Math.max(0, Math.min(shown.length - 1, place));
    setMoved({ from: selected, to: shown[index]?.step.id ?? null });
    setPointed(null);
    reveal(index);
  };
  const choose = (): void => {
    if (shown[at]) onSelect(shown[at].step);
  };
  const zoomTo = (by: number) => (): void => zoomBy.current(by);
  const scroll = (px: number) => (): void => box.current?.scrollBy({ left: px });
  const onKeyDown = useFieldKeys<HTMLDivElement>('Timeline', {
    ArrowDown: [t('Move'), to(at + 1)],
    ArrowUp: [t('Move'), to(at - 1)],
    PageDown: [t('Move by a page'), to(at + page)],
    PageUp: [t('Move by a page'), to(at - page)],
    Home: [t('First, last'), to(0)],
    End: [t('First, last'), to(shown.length - 1)],
    Enter: [t('Show the step'), choose],
    ' ': [t('Show the step'), choose],
    '+': [t('Zoom in'), zoomTo(1.5)],
    '=': [t('Zoom in'), zoomTo(1.5)],
    '-': [t('Zoom out'), zoomTo(1 / 1.5)],
    '0': [t('The whole time'), zoomTo(0)],
    ArrowLeft: [t('Scroll'), scroll(-120)],
    ArrowRight: [t('Scroll'), scroll(120)],
  });

  if (times.length === 0) return <Empty icon="clock" title={t('No step has started yet')} />;
  const first = Math.max(0, Math.floor(top / ROW_PX) - OVERSCAN);
  const last = Math.min(shown.length, Math.ceil((top + size.height) / ROW_PX) + OVERSCAN);
  const told = shown[pointed ?? at];
  return (
    <div className={styles['view']}>
      <div className={styles['bar']}>
        <ul className={styles['legend']} aria-label={t('Legend')}>
          {(['work', 'person', 'event', 'queue'] as const).map((kind) => (
            <li key={kind}>
              <i className={styles['segment']} data-kind={kind} aria-hidden="true" />
              {KIND_WORDS[kind]}
            </li>
          ))}
        </ul>
        <span className={styles['tools']}>
          <button type="button" aria-pressed={onlyPath} onClick={() => setOnlyPath(!onlyPath)}>
            <i className={styles['mark']} aria-hidden="true" />
            {t('Critical path only')}
          </button>
          <button
            type="button"
            aria-label={t('Zoom out')}
            title={t('Zoom out (-)')}
            disabled={zoom === 1}
            onClick={() => zoomBy.current(1 / 1.5)}
          >
            <Icon name="dash" size={14} />
          </button>
          <button
            type="button"
            aria-label={t('Zoom in')}
            title={t('Zoom in (+)')}
            disabled={zoom === MOST_ZOOM}
            onClick={() => zoomBy.current(1.5)}
          >
            <Icon name="plus" size={14} />
          </button>
          <button
            type="button"
            aria-label={t('Show the whole time')}
            title={t('Show the whole time (0)')}
            disabled={zoom === 1}
            onClick={() => zoomBy.current(0)}
          >
            <Icon name="fit" size={14} />
          </button>
        </span>
      </div>
      <div
        className={styles['box']}
        ref={box}
        role="listbox"
        aria-label={t('Timeline')}
        aria-activedescendant={shown[at] && at >= first && at < last ? `${id}-${at}` : undefined}
        tabIndex={0}
        onScroll={(event) => setTop(event.currentTarget.scrollTop)}
        onKeyDown={onKeyDown}
        onMouseLeave={() => setPointed(null)}
      >
        <div className={styles['axis']} style={{ width: label + track + 16 }} aria-hidden="true">
          <div style={{ marginLeft: label, width: track }}>
            {ticks(scale, track / TICK_PX).map((tick) => (
              <span key={tick} style={{ left: `${share(scale, scale.from + tick) * 100}%` }}>
                {tickWords(tick)}
              </span>
            ))}
          </div>
        </div>
        <div
          role="presentation"
          style={{ height: shown.length * ROW_PX, width: label + track + 16, position: 'relative' }}
        >
          {shown.slice(first, last).map((time, offset) => (
            <TimelineRow
              key={time.step.id}
              id={`${id}-${first + offset}`}
              time={time}
              scale={scale}
              top={(first + offset) * ROW_PX}
              track={track}
              critical={path?.steps.has(time.step.id) ?? false}
              selected={time.step.id === selected}
              active={first + offset === at}
              place={{ index: first + offset, count: shown.length }}
              onPoint={setPointed}
              onSelect={onSelect}
            />
          ))}
        </div>
      </div>
      <p className={styles['told']} aria-live="polite">
        {told ? timeWords(told, path?.steps.has(told.step.id) ?? false) : ''}
      </p>
    </div>
  );
}
