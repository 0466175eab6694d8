import { expect, it } from 'vitest';
import { tabIcon } from './tab-icon.ts';

const numberOn = (icon: string) => />(\d+)</.exec(decodeURIComponent(icon))?.[1];

it('is the plain icon while nothing waits, and carries the number otherwise', () => {
  expect(tabIcon(0)).toBe('/favicon.svg');
  expect([1, 12, 250].map((waiting) => numberOn(tabIcon(waiting)))).toEqual(['1', '12', '99']);
});
