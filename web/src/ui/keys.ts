/**
 * Keys and, in words, what they do: `useKeys('Overview', { 'g o': ['Overview', …], j: ['Next', …] })`. The `?` sheet shows
 * what is registered here and nothing else. None fires while somebody types, in a terminal, or while a dialog is open.
 */
import { type KeyboardEvent as ReactKeyboardEvent, useEffect, useLayoutEffect } from 'react';
import { chosenFor, oursOf } from './chosen-keys.ts';
import { type KeyGroup, type KeyNames, shownKeys, type ShownGroup } from './shown-keys.ts';
import { useLatest } from './use-latest.ts';

type Act<E> = (event: E) => void;
/** What it does, and the doing; null while there is nothing to do it to: then the key is left to others. */
type Bindings<E> = Record<string, readonly [what: string, act: Act<E> | null]>;
export type KeyBindings = Bindings<KeyboardEvent>;

interface Layer {
  group: KeyGroup;
  keys: () => KeyNames;
  act?: (keys: string) => Act<KeyboardEvent> | null | undefined;
}

const SEQUENCE_MS = 900; // long enough for two fingers, short enough not to surprise
/** These mean nothing to a text field, and are wanted most while one has the focus. */
const ALSO_TYPING = new Set(['mod+k', 'mod+s']);
const MOVES = /^([jk]|(.+\+)?(Arrow.*|Home|End|Page.*|Enter|Escape|Tab| ))$/;
let pending = '';
let pendingAt = 0;
const layers: Layer[] = [];

/** Keys of the whole page. */
export function useKeys(group: KeyGroup, bindings: KeyBindings): void {
  const latest = useLatest(bindings);
  useLayoutEffect(
    () =>
      register({
        group,
        keys: () => chosenNames(group, namesOf(latest.current)),
        act: (pressed) => latest.current[oursOf(group, pressed) ?? '']?.[1],
      }),
    [group, latest],
  );
}

/** Keys of one part of the page, for its `onKeyDown`: they fire only while the focus is in it. */
export function useFieldKeys<T extends Element>(
  group: KeyGroup,
  bindings: Bindings<ReactKeyboardEvent<T>>,
): (event: ReactKeyboardEvent<T>) => void {
  const latest = useLatest(bindings);
  useEffect(() => register({ group, keys: () => namesOf(latest.current) }), [group, latest]);
  return (event) => {
    if (event.nativeEvent.isComposing) return;
    const act = bindings[nameOf(event.nativeEvent)]?.[1];
    if (!act) return;
    event.preventDefault();
    act(event);
  };
}

/** Keys that a part from elsewhere (the table, the canvas, the clipboard) handles for us: only named. */
export function useNamedKeys(group: KeyGroup, keys: KeyNames): void {
  const latest = useLatest(keys);
  useEffect(() => register({ group, keys: () => latest.current }), [group, latest]);
}

/** What works on the page right now, for the `?` sheet. */
export function keysShown(): ShownGroup[] {
  return shownKeys(layers.map(({ group, keys, act }) => ({ group, keys: keys(), everywhere: act !== undefined })));
}

/**
 * What the keys of the page would do right now, without those that only move about in it, and without decisions: they are
 * made in sight of what is asked, never as the first of many results.
 */
export function keyActions(): { what: string; keys: string; run: () => void }[] {
  const found = new Map<string, { what: string; keys: string; run: () => void }>();
  for (const layer of layers.filter(({ group, act }) => act && group !== 'Everywhere' && group !== 'Decision'))
    for (const [keys, what] of Object.entries(layer.keys())) {
      const act = layer.act?.(keys);
      if (MOVES.test(oursOf(layer.group, keys) ?? keys)) continue;
      // The page that came last knows best.
      if (act) found.set(keys, { what, keys, run: () => act(new KeyboardEvent('keydown')) });
    }
  return [...found.values()];
}

function register(layer: Layer): () => void {
  layers.push(layer);
  if (layers.length === 1) addEventListener('keydown', onKey);
  return () => {
    layers.splice(layers.indexOf(layer), 1);
    if (layers.length === 0) removeEventListener('keydown', onKey);
  };
}

function namesOf(bindings: Record<string, readonly [what: string, ...rest: unknown[]]>): KeyNames {
  return Object.fromEntries(Object.entries(bindings).map(([keys, [what]]) => [keys, what]));
}

function chosenNames(group: KeyGroup, names: KeyNames): KeyNames {
  return Object.fromEntries(Object.entries(names).map(([ours, what]) => [chosenFor(group, ours), what]));
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  if (event.key === 'Control' || event.key === 'Meta' || event.key === 'Shift' || event.key === 'Alt') return;
  const name = nameOf(event);
  if (inTerminal(event.target) || isControl(event)) return;
  if (isTyping(event.target) && !ALSO_TYPING.has(name)) return;
  if (document.querySelector('[role="dialog"]') && name !== 'mod+k') return;
  const sequence = pending !== '' && event.timeStamp - pendingAt < SEQUENCE_MS ? `${pending} ${name}` : name;
  pending = '';
  // The page that came last knows best.
  const act = layers.findLast((layer) => layer.act?.(sequence))?.act?.(sequence);
  if (act) {
    event.preventDefault();
    act(event);
    return;
  }
  pending = startsSequence(name) ? name : '';
  pendingAt = event.timeStamp;
}

/** `Escape`, `shift+Escape`, `mod+k`, `?`: what is typed with Shift is a character of its own already. */
function nameOf(event: KeyboardEvent): string {
  const command = event.ctrlKey || event.metaKey;
  const shift = event.shiftKey && (command || event.key.length > 1);
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return `${command ? 'mod+' : ''}${event.altKey ? 'alt+' : ''}${shift ? 'shift+' : ''}${key}`;
}

function startsSequence(name: string): boolean {
  return name !== '' && layers.some((layer) => Object.keys(layer.keys()).some((keys) => keys.startsWith(`${name} `)));
}

function isTyping(target: EventTarget | null): boolean {
  // Nothing can be typed into a box to tick, nor into a terminal that is only watched.
  if (target instanceof HTMLInputElement && target.type === 'checkbox') return false;
  if (target instanceof HTMLElement && target.closest('[data-terminal="watching"]')) return false;
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

/** Enter and Space belong to the button, link or row that has the focus. */
function isControl(event: KeyboardEvent): boolean {
  return (
    (event.key === 'Enter' || event.key === ' ') &&
    !(event.ctrlKey || event.metaKey) &&
    event.target instanceof HTMLElement &&
    event.target.closest('button, a, summary, [role="gridcell"], [role="row"], [role="option"]') !== null
  );
}

function inTerminal(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('[data-terminal="typing"]') !== null;
}
