/** The builder's own keys and the clipboard: what is copied is text, so it can be pasted into another tab. */
import { type Dispatch, useEffect, useRef } from 'react';
import { type KeyBindings, useKeys, useNamedKeys } from '../ui/keys.ts';
import { toast } from '../ui/toasts.ts';
import type { BuilderAction, BuilderState } from './builder-state.ts';
import { nodesOf, notesOf } from './document.ts';
import { idsOf, keyOf } from './edits.ts';
import { fragmentText, readFragment } from './fragment.ts';
import { plural, t } from '../words/words.ts';

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
  const nodes = idsOf(state.selection, 'node');
  const any = state.selection.size > 0;
  const remove = any ? () => dispatch({ type: 'edit', edit: { type: 'remove', keys: state.selection } }) : null;
  const all = (): ReadonlySet<string> =>
    new Set([
      ...nodesOf(state.document).map(({ id }) => keyOf('node', id)),
      ...notesOf(state.document).map(({ id }) => keyOf('note', id)),
    ]);
  const editing: KeyBindings = {
    n: [t('Add a node, connected to the selected one'), given.onInsert],
    '/': [t('Add a node, connected to the selected one'), given.onInsert],
    c: [t('Add a note'), given.onNote],
    Delete: [t('Delete what is selected'), remove],
    Backspace: [t('Delete what is selected'), remove],
    'mod+z': [t('Undo'), () => dispatch({ type: 'undo' })],
    'mod+y': [t('Redo'), () => dispatch({ type: 'redo' })],
    'mod+shift+z': [t('Redo'), () => dispatch({ type: 'redo' })],
    'mod+g': [t('Group'), nodes.size > 0 ? () => dispatch({ type: 'edit', edit: { type: 'group', nodes } }) : null],
  };
  useKeys('Workflow builder', {
    ...(readOnly ? {} : editing),
    f: [t('Find a node'), given.onFind],
    e: [t('Execute'), given.onExecute],
    'mod+a': [t('Select everything'), () => dispatch({ type: 'select', selection: all() })],
    Escape: [t('Select nothing'), any ? () => dispatch({ type: 'select', selection: new Set() }) : null],
    'mod+s': [t('Save'), given.onSave],
  });
  useNamedKeys('Workflow builder', {
    'mod+c': t('Copy nodes'),
    ...(readOnly
      ? {}
      : {
          'mod+x': t('Cut nodes'),
          'mod+v': t('Paste them, here or in another tab'),
          ArrowUp: t('Move what is selected'),
          ArrowDown: t('Move what is selected'),
          ArrowLeft: t('Move what is selected'),
          ArrowRight: t('Move what is selected'),
          'ctrl+Space': t('Complete an expression'),
        }),
  });

  const latest = useRef(given);
  useEffect(() => {
    latest.current = given;
  });
  useEffect(() => {
    const onCopy = (event: ClipboardEvent): void => {
      if (elsewhere(event)) return;
      const { state: now, dispatch: act, readOnly: fixed } = latest.current;
      const picked = { nodes: idsOf(now.selection, 'node'), notes: idsOf(now.selection, 'note') };
      const text = fragmentText(now.document, picked);
      if (text === null || !event.clipboardData) return;
      event.preventDefault();
      event.clipboardData.setData('text/plain', text);
      toast(`${event.type === 'cut' ? t('Cut') : t('Copied')}: ${plural(picked.nodes.size, 'node')}`);
      if (event.type === 'cut' && !fixed) act({ type: 'edit', edit: { type: 'remove', keys: now.selection } });
    };
    const onPaste = (event: ClipboardEvent): void => {
      if (elsewhere(event) || latest.current.readOnly) return;
      const fragment = readFragment(event.clipboardData?.getData('text/plain') ?? '');
      if (!fragment) return;
      event.preventDefault();
      latest.current.dispatch({ type: 'edit', edit: { type: 'paste', fragment, at: null } });
    };
    document.addEventListener('copy', onCopy);
    document.addEventListener('cut', onCopy);
    document.addEventListener('paste', onPaste);
    return () => {
      document.removeEventListener('copy', onCopy);
      document.removeEventListener('cut', onCopy);
      document.removeEventListener('paste', onPaste);
    };
  }, []);
}

const inDialog = (): boolean => document.querySelector('[role="dialog"]') !== null;

/** In a text field, in a dialog, or with text selected, the clipboard is not ours. */
function elsewhere(event: ClipboardEvent): boolean {
  return isText(event.target) || inDialog() || (event.type !== 'paste' && getSelection()?.isCollapsed === false);
}

function isText(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(?:INPUT|TEXTAREA)$/.test(target.tagName));
}
