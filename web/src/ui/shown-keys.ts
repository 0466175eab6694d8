/** What the `?` sheet says of the keys that are registered: grouped, in order, each key once; pure. */
import { t } from '../words/words.ts';

/** In the order of the sheet: what the page is about first. */
export const GROUP_WORDS = {
  Overview: t('Overview'),
  Wall: t('Wall'),
  Desk: t('Desk'),
  Inbox: t('Inbox'),
  Agent: t('Agent'),
  'New agent': t('New agent'),
  'Agent definition': t('Agent definition'),
  Workflows: t('Workflows'),
  Workflow: t('Workflow'),
  'Workflow builder': t('Workflow builder'),
  Executions: t('Executions'),
  Execution: t('Execution'),
  Comparison: t('Comparison'),
  Timeline: t('Timeline'),
  Log: t('Log'),
  Decision: t('Decision'),
  Terminal: t('Terminal'),
  Everywhere: t('Everywhere'),
} as const;
export type KeyGroup = keyof typeof GROUP_WORDS;
const GROUPS = Object.keys(GROUP_WORDS) as KeyGroup[];

/** By key, as it is pressed (`g o`, `mod+Enter`), what it does. */
export type KeyNames = Readonly<Record<string, string>>;

export interface KeyLayer {
  group: KeyGroup;
  keys: KeyNames;
  /** Its keys work wherever the focus is, so the one registered last has them alone. */
  everywhere: boolean;
}

export interface ShownKey {
  what: string;
  /** Each of them does it. */
  keys: string[];
  /** They work wherever the focus is, so others may be chosen for them. */
  everywhere: boolean;
}

export interface ShownGroup {
  title: KeyGroup;
  shown: ShownKey[];
}

export function shownKeys(layers: readonly KeyLayer[]): ShownGroup[] {
  return GROUPS.flatMap((title) => {
    const shown = new Map<string, { keys: Set<string>; everywhere: boolean }>();
    for (const [index, layer] of layers.entries()) {
      if (layer.group !== title) continue;
      for (const [keys, what] of Object.entries(layer.keys)) {
        const taken =
          layer.everywhere && layers.slice(index + 1).some((later) => later.everywhere && keys in later.keys);
        if (taken) continue;
        const known = shown.get(what) ?? { keys: new Set(), everywhere: layer.everywhere };
        known.keys.add(keys);
        shown.set(what, known);
      }
    }
    const lines = [...shown].map(([what, { keys, everywhere }]) => ({ what, keys: [...keys], everywhere }));
    return lines.length === 0 ? [] : [{ title, shown: lines }];
  });
}

const WORDS: Record<string, string> = {
  Escape: t('Esc'),
  Delete: t('Del'),
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  shift: 'Shift',
  alt: 'Alt',
  ctrl: t('Ctrl'),
};

/** The caps to draw for one key: `mod+k` is `Ctrl` and `K`, `g o` is `g` and `o`. */
export function keyCaps(keys: string, modKey: string): string[] {
  return keys.split(' ').flatMap((each) => {
    if (each === '+') return ['+'];
    const parts = each.split('+');
    return parts.map((part) =>
      part === 'mod' ? modKey : (WORDS[part] ?? (parts.length > 1 && part.length === 1 ? part.toUpperCase() : part)),
    );
  });
}
