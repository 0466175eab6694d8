/** A person without a mouse: knows only where the focus is, and presses keys. */
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { until } from './pointsman-process.ts';

export interface Focus {
  /** As it is announced, roughly: its label, or what it says. */
  name: string;
  tag: string;
  /** An outline around it, or a caret in it. */
  visible: boolean;
}

const MOST_TABS = 80;

export function focusOf(page: Page): Promise<Focus> {
  return page.evaluate(() => {
    const element = document.activeElement ?? document.body;
    const labels = 'labels' in element ? [...((element as HTMLInputElement).labels ?? [])] : [];
    const name =
      element.getAttribute('aria-label') ??
      (labels.length > 0 ? labels.map(({ innerText }) => innerText).join(' ') : (element as HTMLElement).innerText);
    const outlined = (one: Element | null): boolean => {
      if (!one) return false;
      const { outlineStyle, outlineWidth } = getComputedStyle(one);
      return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 1;
    };
    // A box to tick may be drawn by its label, a node of the canvas by what is in it, a cell of the table by its border.
    const visible =
      outlined(element) ||
      outlined(element.firstElementChild) ||
      outlined(element.closest('label')) ||
      element.matches('textarea, select, input:not([type=checkbox], [type=radio]), .ag-cell-focus');
    const tag = element.tagName.toLowerCase();
    return { name: tag === 'body' ? '' : (name ?? '').replaceAll(/\s+/g, ' ').trim(), tag, visible };
  });
}

/** The focus is somewhere, and it can be seen where. */
export async function expectFocus(page: Page, name: RegExp): Promise<void> {
  let focus: Focus | undefined;
  await until(`the focus on ${name}`, async () => name.test((focus = await focusOf(page)).name), 10_000).catch(
    (error: unknown) => Promise.reject(new Error(`${String(error)}; it is on ${JSON.stringify(focus)}`)),
  );
  expect(focus?.tag, `the focus on ${name}`).not.toBe('body');
  expect(focus?.visible, `${JSON.stringify(focus)} shows that it has the focus`).toBe(true);
}

/** By Tab, until the focus is on what is called so; at every stop it has to be seen where it is. */
export async function tabTo(page: Page, name: RegExp, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  const passed: string[] = [];
  for (let tabs = 0; tabs < MOST_TABS; tabs++) {
    await page.keyboard.press(key);
    const focus = await focusOf(page);
    passed.push(`${focus.tag} ${focus.name.slice(0, 40)}`);
    if (focus.tag !== 'body') expect(focus.visible, `${JSON.stringify(focus)} shows that it has the focus`).toBe(true);
    if (name.test(focus.name)) return;
  }
  throw new Error(`${MOST_TABS} times ${key} did not lead to ${name}, but past\n${passed.join('\n')}`);
}
