/**
 * The largest font at which a grid of cells fits a box; pure. Cells are whole device pixels, so what a size needs is known
 * once it is drawn: sizes are tried, and none twice for the same question. Otherwise two that are each computed from what
 * the other one needs would follow each other for ever. Sizes in CSS pixels, in quarter steps.
 */
export interface Question {
  /** Of the box. */
  width: number;
  height: number;
  cols: number;
  rows: number;
  /** What is smaller cannot be read here; then it may be larger than the box. */
  least: number;
}

const STEP = 0.25;
export const LEAST_PX = 4;
const MOST_PX = 15; // larger is no easier to read and makes the page shout

export class FontSearch {
  #asked = '';
  #fits = 0;
  #tooLarge = MOST_PX + STEP;

  /** The size to draw with next, given what the grid takes with `now`; `now` itself when that is the one. */
  next(question: Question, { now, width, height }: { now: number; width: number; height: number }): number {
    const { cols, rows, least } = question;
    const asked = [question.width, question.height, cols, rows, least].join(' ');
    if (asked !== this.#asked) {
      this.#asked = asked;
      this.#fits = 0;
      this.#tooLarge = MOST_PX + STEP;
    }
    if (width > question.width || height > question.height) this.#tooLarge = Math.min(this.#tooLarge, now);
    else this.#fits = Math.max(this.#fits, now);
    // The first that fits below one that did not: what could still be won is not worth a jump.
    if (this.#fits > 0 && this.#tooLarge <= MOST_PX) return Math.max(least, this.#fits);
    const guess = now * Math.min(question.width / width, question.height / height);
    return Math.max(least, this.#fits, Math.min(Math.floor(guess / STEP) * STEP, this.#tooLarge - STEP));
  }
}
