/** The builder's own keys and the clipboard: what is copied is text, so it can be pasted into another tab. */
import { type Dispatch, useEffect, useRef } from 'react';
import { useKeys } from '../ui/keys.ts';
import { toast } from '../ui/toasts.ts';
import { plural } from '../ui/time-words.ts';
import type { BuilderAction, BuilderState } from './builder-state.ts';
import { nodesOf, notesOf } from './document.ts';
import { idsOf, keyOf } from './edits.ts';
import { fragmentText, readFragment } from './fragment.ts';

interface Given {
  state: BuilderState;
  dispatch: Dispatch<BuilderAction>;
  readOnly: boolean;
  onSave: () => void;
  onInsert: () => void;
  onFind: () => void;
  onExecute: () => void;
  onNote: () => void;
}

export function useBuilderKeys(given: Given): void {
  const { state, dispatch, readOnly } = given;
  const unless = (act: () => void) => () => {
    if (!readOnly) act();
  };
  const remove = unless(() => {
    if (state.selection.size > 0) dispatch({ type: 'edit', edit: { type: 'remove', keys: state.selection } });
  });
  useKeys({
    n: unless(given.onInsert),
    '/': unless(given.onInsert),
    f: given.onFind,
    e: given.onExecute,
    c: unless(given.onNote),
    Delete: remove,
    Backspace: remove,
    Escape: () => dispatch({ type: 'select', selection: new Set() }),
  });

  const latest = useRef(given);
  useEffect(() => {
    latest.current = given;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (onCommand(event, latest.current)) event.preventDefault();
    };
    const onCopy = (event: ClipboardEvent): void => {
      if (elsewhere(event)) return;
      const { state: now, dispatch: act, readOnly: fixed } = latest.current;
      const picked = { nodes: idsOf(now.selection, 'node'), notes: idsOf(now.selection, 'note') };
      const text = fragmentText(now.document, picked);
      if (text === null || !event.clipboardData) return;
      event.preventDefault();
      event.clipboardData.setData('text/plain', text);
      toast(`${event.type === 'cut' ? 'Cut' : 'Copied'}: ${plural(picked.nodes.size, 'node')}`);
      if (event.type === 'cut' && !fixed) act({ type: 'edit', edit: { type: 'remove', keys: now.selection } });
    };
    const onPaste = (event: ClipboardEvent): void => {
      if (elsewhere(event) || latest.current.readOnly) return;
      const fragment = readFragment(event.clipboardData?.getData('text/plain') ?? '');
      if (!fragment) return;
      event.preventDefault();
      latest.current.dispatch({ type: 'edit', edit: { type: 'paste', fragment, at: null } });
    };
    addEventListener('keydown', onKey);
    document.addEventListener('copy', onCopy);
    document.addEventListener('cut', onCopy);
    document.addEventListener('paste', onPaste);
    return () => {
      removeEventListener('keydown', onKey);
      document.removeEventListener('copy', onCopy);
      document.removeEventListener('cut', onCopy);
      document.removeEventListener('paste', onPaste);
    };
  }, []);
}

/** True when the key was one of ours. */
function onCommand(event: KeyboardEvent, { state, dispatch, readOnly, onSave }: Given): boolean {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || inDialog()) return false;
  const key = event.key.toLowerCase();
  if (key === 's') {
    onSave();
    return true;
  }
  // Text fields undo, select and copy their own.
  if (isText(event.target)) return false;
  if (key === 'a') {
    const all = [
      ...nodesOf(state.document).map(({ id }) => keyOf('node', id)),
      ...notesOf(state.document).map(({ id }) => keyOf('note', id)),
    ];
    dispatch({ type: 'select', selection: new Set(all) });
    return true;
  }
  if (readOnly) return false;
  if (key === 'y' || (key === 'z' && event.shiftKey)) dispatch({ type: 'redo' });
  else if (key === 'z') dispatch({ type: 'undo' });
  else if (key === 'g' && idsOf(state.selection, 'node').size > 0)
    dispatch({ type: 'edit', edit: { type: 'group', nodes: idsOf(state.selection, 'node') } });
  else return false;
  return true;
}

const inDialog = (): boolean => document.querySelector('[role="dialog"]') !== null;

/** In a text field, in a dialog, or with text selected, the clipboard is not ours. */
function elsewhere(event: ClipboardEvent): boolean {
  return isText(event.target) || inDialog() || (event.type !== 'paste' && getSelection()?.isCollapsed === false);
}

function isText(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(?:INPUT|TEXTAREA)$/.test(target.tagName));
}
