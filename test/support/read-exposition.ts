/** Reads what Prometheus would, and refuses what it would refuse. */

export interface ReadFamily {
  type: string;
  help: string;
  samples: { name: string; labels: Record<string, string>; value: number }[];
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"/y;
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\+Inf|-Inf|NaN|[-+]?\\d+(?:\\.\\d+)?(?:e[-+]?\\d+)?)$`);

export function readExposition(text: string): Map<string, ReadFamily> {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const families = new Map<string, ReadFamily>();
  let current: { name: string; family: ReadFamily } | null = null;
  const seen = new Set<string>();
  for (const line of text.slice(0, -1).split('\n')) {
    const help = new RegExp(`^# HELP (${NAME}) (.+)$`).exec(line);
    if (help) {
      const [, name = '', words = ''] = help;
      if (families.has(name)) throw new Error(`${name} comes twice`);
      current = { name, family: { type: '', help: words, samples: [] } };
      families.set(name, current.family);
      continue;
    }
    const type = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram)$`).exec(line);
    if (type) {
      if (!current || current.name !== type[1] || current.family.type !== '')
        throw new Error(`a type without its help: ${line}`);
      current.family.type = type[2] ?? '';
      continue;
    }
    const sample = SAMPLE.exec(line);
    if (!sample || !current || current.family.type === '') throw new Error(`not a line of the format: ${line}`);
    const [, name = '', inBraces, value = ''] = sample;
    const base = current.family.type === 'histogram' ? name.replace(/_(bucket|sum|count)$/, '') : name;
    if (base !== current.name) throw new Error(`${name} stands among ${current.name}`);
    const key = `${name}{${inBraces ?? ''}}`;
    if (seen.has(key)) throw new Error(`${key} comes twice`);
    seen.add(key);
    current.family.samples.push({
      name,
      labels: readLabels(inBraces),
      value: Number(value.replace('Inf', 'Infinity')),
    });
  }
  for (const [name, family] of families) if (family.type === 'histogram') requireHistogram(name, family);
  return families;
}

/** The value of the one series with these labels. */
export function valueOf(families: Map<string, ReadFamily>, name: string, labels: Record<string, string> = {}): number {
  const all = [...families.values()].flatMap(({ samples }) => samples);
  const found = all.filter(
    (sample) =>
      sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  );
  if (found.length !== 1) throw new Error(`${found.length} series are ${name} ${JSON.stringify(labels)}`);
  return found[0]?.value ?? Number.NaN;
}

function readLabels(text: string | undefined): Record<string, string> {
  const labels: Record<string, string> = {};
  for (let at = 0; text !== undefined && at < text.length;) {
    LABEL.lastIndex = at;
    const match = LABEL.exec(text);
    if (!match) throw new Error(`not labels: ${text}`);
    labels[match[1] ?? ''] = (match[2] ?? '').replaceAll(/\\(.)/g, (_, what) => (what === 'n' ? '\n' : what));
    at = LABEL.lastIndex;
    if (at < text.length && text[at++] !== ',') throw new Error(`not labels: ${text}`);
  }
  return labels;
}

/** Buckets grow, the last one is all of them, and as many are counted. */
function requireHistogram(name: string, { samples }: ReadFamily): void {
  const series = Map.groupBy(samples, ({ labels: { le: _le, ...labels } }) => JSON.stringify(labels));
  for (const [labels, all] of series) {
    const buckets = all.filter((sample) => sample.name === `${name}_bucket`);
    const count = all.find((sample) => sample.name === `${name}_count`)?.value;
    const grows = buckets.every(({ value }, index) => index === 0 || value >= (buckets[index - 1]?.value ?? 0));
    if (!grows || buckets.at(-1)?.labels['le'] !== '+Inf' || buckets.at(-1)?.value !== count)
      throw new Error(`not a histogram: ${name} ${labels}`);
  }
}
