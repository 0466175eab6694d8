/** The CPU cell: a line of the last minutes and a number. Drawn by hand: it changes most often of all that is on the page. */
import type { ICellRendererComp, ICellRendererParams } from 'ag-grid-community';
import { sparklinePoints } from '../ui/sparkline.ts';
import { percentWords } from '../ui/time-words.ts';
import { type CpuHistory, HISTORY_SLOTS } from './cpu-history.ts';
import type { Row } from './overview-rows.ts';
import styles from './agents-grid.module.css';

const BOX = { width: 60, height: 18, slots: HISTORY_SLOTS, least: 50 };
const HIGH_PERCENT = 80;
const SVG = 'http://www.w3.org/2000/svg';

type Params = ICellRendererParams<Row> & { history: CpuHistory };

export class CpuCell implements ICellRendererComp<Row> {
  readonly #cell = document.createElement('span');
  readonly #line = document.createElementNS(SVG, 'polyline');
  readonly #number = document.createElement('span');
  #slot = Number.NaN;

  init(params: Params): void {
    const drawing = document.createElementNS(SVG, 'svg');
    drawing.setAttribute('width', String(BOX.width));
    drawing.setAttribute('height', String(BOX.height + 2));
    drawing.setAttribute('viewBox', `0 -1 ${BOX.width} ${BOX.height + 2}`);
    drawing.setAttribute('aria-hidden', 'true');
    drawing.append(this.#line);
    this.#cell.className = styles['cpu'] ?? '';
    this.#cell.append(drawing, this.#number);
    this.#draw(params);
  }

  getGui(): HTMLElement {
    return this.#cell;
  }

  refresh(params: Params): boolean {
    this.#draw(params);
    return true;
  }

  #draw({ data, history }: Params): void {
    if (data?.kind !== 'agent') return;
    const { id, cpu } = data.agent;
    const words = percentWords(cpu);
    if (this.#number.textContent !== words) {
      this.#number.textContent = words;
      this.#cell.dataset['high'] = String(cpu > HIGH_PERCENT);
    }
    if (this.#slot === history.slot) return;
    this.#slot = history.slot;
    this.#line.setAttribute('points', sparklinePoints(history.of(id), BOX));
  }
}
