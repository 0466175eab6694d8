/** The keys of the desk; those of a panel are its own, and only of the one that is active. */
import { type KeyBindings, useKeys } from '../ui/keys.ts';
import {
  type DeskLayout,
  grownPanel,
  groupsOf,
  groupWith,
  joinedPanel,
  movedPanel,
  panelKey,
  panelsOf,
  sameShape,
  type Side,
} from './desk-layout.ts';
import { t } from '../words/words.ts';

interface Options {
  layout: DeskLayout;
  active: string | null;
  maximised: string | null;
  goTo: (key: string, layout?: DeskLayout) => void;
  close: (key: string) => void;
  put: (layout: DeskLayout, options?: { calm?: boolean }) => void;
  setMaximised: (key: string | null) => void;
  onAdd: () => void;
  say: (words: string) => void;
}

const SIDES: [key: string, side: Side, words: string][] = [
  ['l', 'left', t('to the left')],
  ['r', 'right', t('to the right')],
  ['u', 'above', 'up'],
  ['d', 'below', 'down'],
];
const STEP = 1.15;

export function useDeskKeys(options: Options): void {
  const { layout, active, maximised, goTo, close, put, setMaximised, onAdd, say } = options;
  const keys = panelsOf(layout).map(panelKey);
  const next = (all: readonly string[], from: string | null, by: number): string | undefined =>
    all[(all.indexOf(from ?? '') + by + all.length) % all.length];
  const step = (by: number): void => {
    const key = next(keys, active, by);
    if (key !== undefined) goTo(key);
  };
  const stepGroup = (by: number): void => {
    const fronts = groupsOf(layout).map(({ panels, shown }) => panelKey(panels[shown] ?? panels[0] ?? { kind: '' }));
    const own = active === null ? undefined : groupWith(layout, active);
    const at = groupsOf(layout).findIndex((group) => group === own);
    const key = fronts[(at + by + fronts.length) % fronts.length];
    if (key) goTo(key);
  };
  const move = (moved: DeskLayout, words: string): void => {
    if (active === null) return;
    setMaximised(null);
    say(sameShape(moved, layout) ? t('There is nothing else to move past.') : t('Moved {words}.', { words }));
    goTo(active, moved);
  };
  const onPanel = (act: (key: string) => void) => (): void => {
    if (active !== null) act(active);
  };
  useKeys('Desk', {
    n: [t('Add a panel'), onAdd],
    ']': [t('Next panel'), () => step(1)],
    '[': [t('Previous panel'), () => step(-1)],
    F6: [t('Next group of panels'), () => stepGroup(1)],
    'shift+F6': [t('Previous group of panels'), () => stepGroup(-1)],
    z: [t('Maximise, and back'), onPanel((key) => setMaximised(maximised === null ? key : null))],
    Escape: [t('Back from maximised'), maximised === null ? null : () => setMaximised(null)],
    Delete: [t('Close the panel'), onPanel(close)],
    ...Object.fromEntries(
      SIDES.map(([key, side, words]): [string, KeyBindings[string]] => [
        `m ${key}`,
        [t('Move it {words}', { words }), onPanel((panel) => move(movedPanel(layout, panel, side), words))],
      ]),
    ),
    'm t': [
      t('Into the next group, as a tab'),
      onPanel((key) => move(joinedPanel(layout, key), t('into the next group'))),
    ],
    '+': [t('Larger'), onPanel((key) => put(grownPanel(layout, key, STEP), { calm: true }))],
    '-': [t('Smaller'), onPanel((key) => put(grownPanel(layout, key, 1 / STEP), { calm: true }))],
  });
}
