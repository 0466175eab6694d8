/** The builder's state: the document, what is selected, and the way back and forth; pure. */
import type { Doc } from './document.ts';
import { applyEdit, type Edit } from './edits.ts';

interface Moment {
  document: Doc;
  selection: ReadonlySet<string>;
}

export interface BuilderState extends Moment {
  past: readonly Moment[];
  future: readonly Moment[];
  /** What the newest saved version says. */
  saved: Doc;
  /** The last edit's: another of the same is one step with it. */
  merge: string | null;
}

export type BuilderAction =
  /** `merge`: typing into one field, or nudging a node, is one step back. */
  | { type: 'edit'; edit: Edit; merge?: string }
  | { type: 'select'; selection: ReadonlySet<string> }
  /** As the canvas tells it: some more, some less. */
  | { type: 'reselect'; on: readonly string[]; off: readonly string[] }
  | { type: 'undo' }
  | { type: 'redo' }
  | { type: 'saved'; document: Doc }
  | { type: 'load'; document: Doc };

/** More than anybody goes back; every step shares what it did not change. */
const PAST_MAX = 200;

export function beginWith(document: Doc): BuilderState {
  return { document, selection: new Set(), past: [], future: [], saved: document, merge: null };
}

export function builderReducer(state: BuilderState, action: BuilderAction): BuilderState {
  switch (action.type) {
    case 'edit': {
      const { document, select } = applyEdit(state.document, action.edit);
      const selection = select ?? state.selection;
      if (document === state.document) return { ...state, selection };
      const merge = action.merge ?? null;
      const goesOn = merge !== null && merge === state.merge;
      return {
        ...state,
        document,
        selection,
        past: goesOn ? state.past : [...state.past, momentOf(state)].slice(-PAST_MAX),
        future: [],
        merge,
      };
    }
    case 'select':
      return { ...state, selection: action.selection, merge: null };
    case 'reselect': {
      const selection = new Set(state.selection);
      for (const key of action.off) selection.delete(key);
      for (const key of action.on) selection.add(key);
      return { ...state, selection };
    }
    case 'undo': {
      const back = state.past.at(-1);
      if (!back) return state;
      return {
        ...state,
        ...back,
        past: state.past.slice(0, -1),
        future: [momentOf(state), ...state.future],
        merge: null,
      };
    }
    case 'redo': {
      const [next, ...future] = state.future;
      if (!next) return state;
      return { ...state, ...next, past: [...state.past, momentOf(state)], future, merge: null };
    }
    case 'saved':
      return { ...state, saved: action.document, merge: null };
    case 'load':
      return beginWith(action.document);
  }
}

const momentOf = ({ document, selection }: BuilderState): Moment => ({ document, selection });

/** Compared as data: undoing back to what was saved is no change. */
export function isChanged({ document, saved }: Pick<BuilderState, 'document' | 'saved'>): boolean {
  return document !== saved && JSON.stringify(document) !== JSON.stringify(saved);
}
