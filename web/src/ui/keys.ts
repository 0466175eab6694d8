/** Page-wide keys: `useKeys({ 'g o': …, j: … })`. None fires while somebody types or a dialog is open. */
import { useEffect, useRef } from 'react';

export type KeyBindings = Record<string, (event: KeyboardEvent) => void>;

const SEQUENCE_MS = 900; // long enough for two fingers, short enough not to surprise
let pending = '';
let pendingAt = 0;
const layers: { current: KeyBindings }[] = [];

export function useKeys(bindings: KeyBindings): void {
  const latest = useRef(bindings);
  useEffect(() => {
    latest.current = bindings;
  });
  useEffect(() => {
    layers.push(latest);
    if (layers.length === 1) addEventListener('keydown', onKey);
    return () => {
      layers.splice(layers.indexOf(latest), 1);
      if (layers.length === 0) removeEventListener('keydown', onKey);
    };
  }, []);
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  const command = event.ctrlKey || event.metaKey;
  const name = `${command ? 'mod+' : ''}${event.altKey ? 'alt+' : ''}${event.key.length === 1 ? event.key.toLowerCase() : event.key}`;
  if (event.key === 'Control' || event.key === 'Meta' || event.key === 'Shift' || event.key === 'Alt') return;
  if (inTerminal(event.target) || (!command && (isTyping(event.target) || isControl(event)))) return;
  if (document.querySelector('[role="dialog"]') && name !== 'mod+k') return;
  const sequence = pending !== '' && event.timeStamp - pendingAt < SEQUENCE_MS ? `${pending} ${name}` : name;
  pending = '';
  // The page that came last knows best.
  const act = layers.toReversed().find((layer) => layer.current[sequence])?.current[sequence];
  if (act) {
    event.preventDefault();
    act(event);
    return;
  }
  pending = startsSequence(name) ? name : '';
  pendingAt = event.timeStamp;
}

function startsSequence(name: string): boolean {
  return name !== '' && layers.some((layer) => Object.keys(layer.current).some((keys) => keys.startsWith(`${name} `)));
}

function isTyping(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement && target.type === 'checkbox') return false; // nothing can be typed there
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

/** Enter and Space belong to the button, link or row that has the focus. */
function isControl(event: KeyboardEvent): boolean {
  return (
    (event.key === 'Enter' || event.key === ' ') &&
    event.target instanceof HTMLElement &&
    event.target.closest('button, a, summary, [role="gridcell"], [role="row"], [role="option"]') !== null
  );
}

function inTerminal(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('[data-terminal="typing"]') !== null;
}
