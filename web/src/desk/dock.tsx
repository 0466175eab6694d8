/** Draws a desk with groups that are dragged, split and maximised. The library behind it is loaded with this file alone. */
import 'dockview/dist/styles/dockview.css';
import { createDockview, type DockviewApi, type IContentRenderer, type IHeaderActionsRenderer } from 'dockview';
import {
  type ReactNode,
  type RefObject,
  useEffect,
  useEffectEvent,
  useImperativeHandle,
  useRef,
  useState,
} from 'react';
import { createPortal } from 'react-dom';
import {
  type DeskLayout,
  type DeskNode,
  type DeskPanel,
  panelKey,
  panelsOf,
  sameShape,
  shownPanel,
  withoutPanel,
} from './desk-layout.ts';
import { fromDock, toDock } from './dock-form.ts';
import styles from './dock.module.css';

export interface DockHandle {
  /** Moves the focus to the title of a panel. */
  focusTitle: (key: string) => void;
  size: () => { width: number; height: number };
}

interface Props {
  ref: RefObject<DockHandle | null>;
  layout: DeskNode;
  /** The panel that keys are for. */
  active: string | null;
  /** The panel that has the whole desk for now. */
  maximised: string | null;
  /** Panels that stay drawn while they are behind others. */
  kept: ReadonlySet<string>;
  /** What a person did with the mouse, or with the keys of the titles. */
  onLayout: (layout: DeskLayout, change: { sizesOnly: boolean }) => void;
  onActive: (key: string) => void;
  onMaximised: (key: string | null) => void;
  title: (panel: DeskPanel, onSpoken: (panel: DeskPanel, words: string) => void) => ReactNode;
  body: (panel: DeskPanel, active: boolean) => ReactNode;
  actions: (panel: DeskPanel) => ReactNode;
}

/** An element of the library's that we draw into. */
interface Place {
  part: 'title' | 'body' | 'actions';
  /** A panel, or a group. */
  of: string;
  element: HTMLElement;
}

interface Seen {
  active: string | null;
  /** The panel in front of each group that can be seen. */
  front: ReadonlyMap<string, string>;
}

const NOTHING_SEEN: Seen = { active: null, front: new Map() };
const THEME = {
  name: 'pointsman',
  className: styles['theme'] ?? '',
  gap: 8,
  dndOverlayMounting: 'absolute',
  dndPanelOverlay: 'group',
  dndTabIndicator: 'line',
} as const;

export function Dock({ ref, ...props }: Props) {
  const { layout, active, maximised } = props;
  const host = useRef<HTMLDivElement>(null);
  const dock = useRef<DockviewApi | null>(null);
  /** As it is drawn now. */
  const drawn = useRef<DeskLayout>(null);
  const dragging = useRef(false);
  const { shown, now, add, remove, speak, speakAgain, attach } = usePlaces();
  const [seen, setSeen] = useState(NOTHING_SEEN);

  /** After something happened in the library: what is in front now, and whether a person has moved anything. */
  const look = useEffectEvent((): void => {
    const api = dock.current;
    if (!api) return;
    const now = readLayout(api, drawn.current);
    const moved = !sameShape(now, drawn.current);
    if (moved || dragging.current) {
      drawn.current = now;
      props.onLayout(now, { sizesOnly: !moved });
    }
    const key = api.activePanel?.id ?? null;
    setSeen((was) => {
      const next = { active: key, front: frontOf(api) };
      return sameSeen(was, next) ? was : next;
    });
    if (key !== null && key !== active) props.onActive(key);
    const whole = maximisedIn(api);
    if (whole !== maximised) props.onMaximised(whole);
  });

  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const place = (part: Place['part'], of: string) => {
      const made = document.createElement('div');
      made.className = styles[part] ?? '';
      add({ part, of, element: made });
      return { element: made, init: () => undefined, dispose: () => remove(made) };
    };
    const api = createDockview(element, {
      theme: THEME,
      createComponent: ({ id }): IContentRenderer => place('body', id),
      createTabComponent: ({ id }) => place('title', id),
      createRightHeaderActionComponent: (group): IHeaderActionsRenderer => place('actions', group.id),
      disableFloatingGroups: true,
      disableTabsOverflowList: true,
      scrollbars: 'native',
      // A panel that comes or goes is said by the page, with the way back.
      getAnnouncement: ({ kind }) => (kind === 'open' || kind === 'close' ? null : undefined),
    });
    dock.current = api;
    attach(api);
    let due = false;
    /** Once after all that one action does in the library. */
    const soon = (): void => {
      if (due) return;
      due = true;
      queueMicrotask(() => {
        due = false;
        look();
      });
    };
    const events = [api.onDidLayoutChange(soon), api.onDidActivePanelChange(soon), api.onDidMaximizedGroupChange(soon)];
    const press = ({ target }: PointerEvent): void => {
      dragging.current = target instanceof Element && target.closest('.dv-sash') !== null;
    };
    const release = (): void => {
      if (!dragging.current) return;
      look();
      dragging.current = false;
    };
    element.addEventListener('pointerdown', press, true);
    addEventListener('pointerup', release, true);
    return () => {
      element.removeEventListener('pointerdown', press, true);
      removeEventListener('pointerup', release, true);
      for (const event of events) event.dispose();
      dock.current = null;
      attach(null);
      drawn.current = null;
      api.dispose();
    };
  }, [add, remove, attach]);

  // What was decided outside is drawn; what the library has told itself is there already.
  useEffect(() => {
    const api = dock.current;
    if (!api || JSON.stringify(layout) === JSON.stringify(drawn.current)) return;
    drawn.current = layout;
    const size = { width: api.width || 1000, height: api.height || 1000 };
    api.fromJSON(toDock(layout, size), { reuseExistingPanels: true });
    speakAgain();
    if (active !== null) api.getPanel(active)?.api.setActive();
    look();
  }, [layout, active, speakAgain]);
  useEffect(() => {
    const api = dock.current;
    if (api && active !== null && api.activePanel?.id !== active) api.getPanel(active)?.api.setActive();
  }, [active, layout]);
  useEffect(() => {
    const api = dock.current;
    if (!api || maximisedIn(api) === maximised) return;
    if (api.hasMaximizedGroup()) api.exitMaximizedGroup();
    if (maximised !== null) api.getPanel(maximised)?.api.maximize();
  }, [maximised, layout]);

  useImperativeHandle(ref, () => ({
    focusTitle: (key) =>
      now()
        .find(({ part, of }) => part === 'title' && of === key)
        ?.element.closest<HTMLElement>('[role=tab]')
        ?.focus(),
    size: () => ({ width: dock.current?.width ?? 0, height: dock.current?.height ?? 0 }),
  }));

  const panels = new Map(panelsOf(layout).map((panel) => [panelKey(panel), panel]));
  return (
    <div className={styles['dock']} ref={host}>
      {shown.map(({ part, of, element, key }) => {
        const front = seen.front.get(of);
        const panel = panels.get(part === 'actions' ? (front ?? '') : of);
        if (!panel) return null;
        if (part === 'title') return createPortal(props.title(panel, speak), element, key);
        if (part === 'actions') return createPortal(props.actions(panel), element, key);
        if (![...seen.front.values()].includes(of) && !props.kept.has(of)) return null;
        return createPortal(props.body(panel, seen.active === of), element, key);
      })}
    </div>
  );
}

/** The library makes and drops its elements when it likes, also while we draw. */
function usePlaces() {
  const [shown, setShown] = useState<readonly (Place & { key: string })[]>([]);
  const [list] = useState(() => {
    let number = 0;
    let dock: DockviewApi | null = null;
    const spoken = new Map<string, string>();
    let now: readonly (Place & { key: string })[] = [];
    const tell = (next: typeof now): void => {
      now = next;
      setShown(next);
    };
    return {
      attach: (api: DockviewApi | null): void => {
        dock = api;
      },
      /** The library reads out its own titles, so it is told ours. */
      speak: (panel: DeskPanel, words: string): void => {
        spoken.set(panelKey(panel), words);
        dock?.getPanel(panelKey(panel))?.api.setTitle(words);
      },
      /** A layout that was drawn anew has forgotten them. */
      speakAgain: (): void => {
        for (const panel of dock?.panels ?? []) panel.api.setTitle(spoken.get(panel.id) ?? panel.id);
      },
      now: () => now,
      add: (place: Place) => tell([...now, { ...place, key: `${place.part} ${(number += 1)}` }]),
      remove: (element: HTMLElement) => tell(now.filter((place) => place.element !== element)),
    };
  });
  return { ...list, shown };
}

function readLayout(api: DockviewApi, before: DeskLayout): DeskLayout {
  if (!api.hasMaximizedGroup()) return api.totalPanels === 0 ? null : fromDock(api.toJSON());
  // While one group has the desk nothing can be moved; panels are closed or come to the front.
  let layout = before;
  for (const panel of panelsOf(before))
    if (!api.getPanel(panelKey(panel))) layout = withoutPanel(layout, panelKey(panel));
  for (const { activePanel } of api.groups) if (activePanel) layout = shownPanel(layout, activePanel.id);
  return layout;
}

function maximisedIn(api: DockviewApi): string | null {
  if (!api.hasMaximizedGroup()) return null;
  return api.groups.find((group) => group.api.isMaximized())?.activePanel?.id ?? null;
}

function frontOf(api: DockviewApi): Map<string, string> {
  const whole = api.hasMaximizedGroup();
  return new Map(
    api.groups
      .filter((group) => !whole || group.api.isMaximized())
      .flatMap(({ id, activePanel }) => (activePanel ? [[id, activePanel.id] as const] : [])),
  );
}

const sameSeen = (a: Seen, b: Seen): boolean =>
  a.active === b.active && JSON.stringify([...a.front]) === JSON.stringify([...b.front]);
