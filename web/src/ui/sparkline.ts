/** The points of a small line of measurements, newest at the right; pure. */
interface Box {
  width: number;
  height: number;
  /** How many measurements fill the width; fewer begin further right. */
  slots: number;
  /** The least that the full height stands for, so that noise does not look like a mountain. */
  least: number;
}

export function sparklinePoints(values: readonly number[], { width, height, slots, least }: Box): string {
  const shown = values.slice(-slots);
  if (shown.length < 2) return '';
  const top = Math.max(least, ...shown);
  const step = width / (slots - 1);
  const first = width - (shown.length - 1) * step;
  return shown
    .map((value, index) => `${round(first + index * step)},${round(height - (Math.max(0, value) / top) * height)}`)
    .join(' ');
}

const round = (value: number): number => Math.round(value * 10) / 10;
