/**
 * The focus is never lost: when what has it goes away, it moves to the nearest part of the page that is still there, and on
 * a new page to its title. Whoever works by keyboard or by ear stays where the work is.
 */

const PARTS = 'section, form, aside, article, fieldset, [role="group"], [role="region"], [role="toolbar"]';
/** A button is switched off while its work is under way; what is off for longer does not come back soon. */
const OFF_FOR_GOOD_MS = 400;

/** Back from a field to the page. */
export function focusTitle(): void {
  const place = document.querySelector<HTMLElement>('#main h1') ?? document.getElementById('main');
  place?.focus({ preventScroll: true });
}

/** After another page is shown: its title, unless something of it has the focus already. */
export function focusNewPage(): void {
  const active = document.activeElement;
  if (active?.closest('[role="dialog"]') || active?.closest('#main > *')) return;
  focusTitle();
}

/** Watches over the focus until the returned function is called. */
export function keepFocus(): () => void {
  let last: HTMLElement | null = null;
  let around: Element[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let offSince: number | null = null;

  const onFocus = ({ target }: FocusEvent): void => {
    if (!(target instanceof HTMLElement)) return;
    last = target;
    offSince = null;
    around = ancestors(target);
  };
  /** Who clicks at nothing wants nothing to have the focus. */
  const onPointer = (): void => {
    last = null;
  };
  const lost = (): boolean =>
    last !== null && document.hasFocus() && (document.activeElement ?? document.body) === document.body;
  const look = (): void => {
    if (!lost() || !last) return;
    if (!last.isConnected) return moveOn();
    if (!last.matches(':disabled')) return last.focus({ preventScroll: true });
    offSince ??= performance.now();
    const rest = offSince + OFF_FOR_GOOD_MS - performance.now();
    if (rest <= 0) moveOn();
    else later(rest);
  };
  const later = (ms: number): void => {
    clearTimeout(timer);
    timer = setTimeout(look, ms);
  };
  /** Not at once: on its way from one element to the next, the focus is nowhere for a moment. */
  const soon = (): void => {
    if (lost()) later(0);
    // Browsers take the focus from what is off a little later, and tell nobody.
    else if (last?.matches(':disabled')) later(OFF_FOR_GOOD_MS);
  };
  const moveOn = (): void => {
    const part = around.find((each) => each.isConnected && each.matches(`${PARTS}, main`));
    if (!(part instanceof HTMLElement) || part.id === 'main') return focusTitle();
    if (!part.hasAttribute('tabindex')) part.tabIndex = -1;
    part.focus({ preventScroll: true });
  };

  const watched = new MutationObserver(soon);
  watched.observe(document.body, { childList: true, subtree: true, attributeFilter: ['disabled'] });
  document.addEventListener('focusin', onFocus);
  document.addEventListener('pointerdown', onPointer);
  return () => {
    clearTimeout(timer);
    watched.disconnect();
    document.removeEventListener('focusin', onFocus);
    document.removeEventListener('pointerdown', onPointer);
  };
}

function ancestors(element: Element): Element[] {
  const found: Element[] = [];
  for (let up = element.parentElement; up; up = up.parentElement) found.push(up);
  return found;
}
