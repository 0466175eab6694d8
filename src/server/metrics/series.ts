/** Counters and histograms of this process, one series for each set of labels. */
import type { Family, Labels, Sample } from './exposition.ts';

export class Counter {
  readonly #about: Pick<Family, 'name' | 'help'>;
  readonly #series = new Map<string, { labels: Labels; value: number }>();

  /** `known`: series that are there from the beginning, so that their first increase is seen. */
  constructor(about: Pick<Family, 'name' | 'help'>, known: readonly Labels[] = []) {
    this.#about = about;
    for (const labels of known) this.add(labels, 0);
  }

  add(labels: Labels, by = 1): void {
    const key = JSON.stringify(labels);
    const series = this.#series.get(key);
    if (series) series.value += by;
    else this.#series.set(key, { labels, value: by });
  }

  family(): Family {
    return { ...this.#about, type: 'counter', samples: [...this.#series.values()] };
  }
}

interface Distribution {
  labels: Labels;
  /** As many as fell into each bucket and no smaller one; the last one has no bound. */
  buckets: number[];
  sum: number;
}

export class Histogram {
  readonly #about: Pick<Family, 'name' | 'help'>;
  readonly #bounds: readonly number[];
  readonly #series = new Map<string, Distribution>();

  constructor(about: Pick<Family, 'name' | 'help'>, bounds: readonly number[]) {
    this.#about = about;
    this.#bounds = bounds;
  }

  observe(labels: Labels, value: number): void {
    const key = JSON.stringify(labels);
    let series = this.#series.get(key);
    if (!series) {
      series = { labels, buckets: Array.from({ length: this.#bounds.length + 1 }, () => 0), sum: 0 };
      this.#series.set(key, series);
    }
    const found = this.#bounds.findIndex((bound) => value <= bound);
    const at = found === -1 ? this.#bounds.length : found;
    series.buckets[at] = (series.buckets[at] ?? 0) + 1;
    series.sum += value;
  }

  family(): Family {
    return {
      ...this.#about,
      type: 'histogram',
      samples: [...this.#series.values()].flatMap((each) => this.#told(each)),
    };
  }

  #told({ labels, buckets, sum }: Distribution): Sample[] {
    let upTo = 0;
    const told = buckets.map((count, index): Sample => {
      upTo += count;
      const bound = this.#bounds[index];
      return {
        suffix: '_bucket',
        labels: { ...labels, le: bound === undefined ? '+Inf' : String(bound) },
        value: upTo,
      };
    });
    return [...told, { suffix: '_sum', labels, value: sum }, { suffix: '_count', labels, value: upTo }];
  }
}
