import { expect, it } from 'vitest';
import { fittingFontSize } from './font-size.ts';

it('fits both ways and stays within readable bounds', () => {
  const cell = { cellWidth: 0.6, cellHeight: 1.2 };
  expect(fittingFontSize({ width: 720, height: 2000, cols: 120, rows: 40, ...cell })).toBe(10);
  expect(fittingFontSize({ width: 2000, height: 480, cols: 120, rows: 40, ...cell })).toBe(10);
  expect(fittingFontSize({ width: 9000, height: 9000, cols: 80, rows: 24, ...cell })).toBe(15);
  expect(fittingFontSize({ width: 10, height: 10, cols: 80, rows: 24, ...cell })).toBe(4);
});
