/** The largest font at which a grid of cells fits a box; pure. Sizes in CSS pixels, quarter steps so that it settles. */
interface Box {
  width: number;
  height: number;
  cols: number;
  rows: number;
  /** Width and height of a cell per pixel of font size. */
  cellWidth: number;
  cellHeight: number;
}
const LEAST_PX = 4;
const MOST_PX = 15; // larger is no easier to read and makes the page shout

export function fittingFontSize({ width, height, cols, rows, cellWidth, cellHeight }: Box): number {
  const size = Math.min(width / (cols * cellWidth), height / (rows * cellHeight));
  return Math.max(LEAST_PX, Math.min(MOST_PX, Math.floor(size * 4) / 4));
}
