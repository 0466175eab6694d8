/**
 * Desks as they are kept: named layouts of one person. What is read may be of another version, or damaged: what fits is
 * taken, and what was left out is said. Pure.
 */
import { type DeskGroup, type DeskLayout, type DeskNode, type DeskPanel, panelKey, tidy } from './desk-layout.ts';
import { t } from '../words/words.ts';

export interface Desk {
  id: string;
  name: string;
  layout: DeskLayout;
}

export interface ReadDesks {
  desks: readonly Desk[];
  /** What could not be read, in words for the person. */
  lost: readonly string[];
}

const VERSION = 1;
export const MOST_DESKS = 20;
export const MOST_DESK_NAME = 40;
export const MOST_PANELS = 60;
const MOST_DEPTH = 12;

export const storedForm = (desks: readonly Desk[]): unknown => ({ version: VERSION, desks });

/** Null is nothing kept yet. */
export function readDesks(value: unknown): ReadDesks {
  if (value === null || value === undefined) return { desks: [], lost: [] };
  const { version, desks } = fields(value);
  if (version !== VERSION || !Array.isArray(desks))
    return { desks: [], lost: [t('Your desks were kept in a form that this version cannot read.')] };
  const lost: string[] = [];
  const read = desks.flatMap((entry: unknown, index): Desk[] => {
    const { id, name, layout } = fields(entry);
    if (typeof id !== 'string' || id === '' || typeof name !== 'string' || name.trim() === '') {
      lost.push(t('Desk {index} could not be read and was left out.', { index: index + 1 }));
      return [];
    }
    const reading: Reading = { damaged: false, known: new Set() };
    const node = layout === null ? null : readNode(layout, reading, 0);
    if (reading.damaged)
      lost.push(
        node === null
          ? t('The desk {name} could not be read and is empty now.', { name })
          : t('A part of the desk {name} could not be read and was left out.', { name }),
      );
    return [{ id, name: name.slice(0, MOST_DESK_NAME), layout: node && tidy(node) }];
  });
  const unique = read.filter((desk, index) => read.findIndex(({ id }) => id === desk.id) === index);
  return { desks: unique.slice(0, MOST_DESKS), lost };
}

interface Reading {
  damaged: boolean;
  /** A panel is there once. */
  known: Set<string>;
}

function readNode(value: unknown, reading: Reading, depth: number): DeskNode | null {
  const { across, parts, panels, shown } = fields(value);
  if (Array.isArray(panels)) return readGroup(panels, shown, reading);
  if ((across !== 'row' && across !== 'column') || !Array.isArray(parts) || depth > MOST_DEPTH) {
    reading.damaged = true;
    return null;
  }
  const read = parts.flatMap((part: unknown) => {
    const { share, node } = fields(part);
    const inner = readNode(node, reading, depth + 1);
    const fits = typeof share === 'number' && Number.isFinite(share) && share > 0;
    if (!fits) reading.damaged = true;
    return inner ? [{ share: fits ? share : 1 / parts.length, node: inner }] : [];
  });
  return read.length > 0 ? { across, parts: read } : null;
}

function readGroup(panels: readonly unknown[], shown: unknown, reading: Reading): DeskGroup | null {
  const read = panels.flatMap((entry): DeskPanel[] => {
    const { kind, of, name } = fields(entry);
    if (typeof kind !== 'string' || kind === '' || (of !== undefined && typeof of !== 'string')) {
      reading.damaged = true;
      return [];
    }
    const panel = {
      kind,
      ...(of === undefined ? {} : { of }),
      ...(typeof name === 'string' ? { name } : {}),
    };
    if (reading.known.has(panelKey(panel)) || reading.known.size >= MOST_PANELS) {
      reading.damaged = true;
      return [];
    }
    reading.known.add(panelKey(panel));
    return [panel];
  });
  const front = typeof shown === 'number' && Number.isInteger(shown) && shown >= 0 && shown < read.length ? shown : 0;
  return read.length > 0 ? { panels: read, shown: front } : null;
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

// ---- what a person does with desks ----

/** A name that no other desk has: with a number where one has it. */
export function freeName(desks: readonly Desk[], wanted: string): string {
  const name = wanted.trim().slice(0, MOST_DESK_NAME) || t('Desk');
  const taken = (tried: string): boolean => desks.some((desk) => desk.name === tried);
  for (let number = 2, tried = name; ; number += 1) {
    if (!taken(tried)) return tried;
    tried = `${name.slice(0, MOST_DESK_NAME - 4)} ${number}`;
  }
}

export const withDesk = (desks: readonly Desk[], desk: Desk): readonly Desk[] => {
  const at = desks.findIndex(({ id }) => id === desk.id);
  return at === -1 ? [...desks, desk] : desks.with(at, desk);
};

export const withoutDesk = (desks: readonly Desk[], id: string): readonly Desk[] =>
  desks.filter((desk) => desk.id !== id);

// ---- two tabs ----

/**
 * What somebody changed here since `base`, brought together with what was changed elsewhere meanwhile. A desk that both
 * have changed is taken from here, and named.
 */
export function mergeDesks(
  base: readonly Desk[],
  mine: readonly Desk[],
  theirs: readonly Desk[],
): { desks: readonly Desk[]; both: readonly string[] } {
  const before = byId(base);
  const here = byId(mine);
  const there = byId(theirs);
  const both: string[] = [];
  const desks = [...new Set([...theirs, ...mine].map(({ id }) => id))].flatMap((id): Desk[] => {
    const [was, own, other] = [before.get(id), here.get(id), there.get(id)];
    const changedHere = !same(was, own);
    const changedThere = !same(was, other);
    if (changedHere && changedThere && !same(own, other)) {
      both.push((own ?? other ?? was)?.name ?? id);
      // What one has changed is worth more than that the other has removed it.
      return [own ?? other].flatMap((desk) => desk ?? []);
    }
    return [changedHere ? own : other].flatMap((desk) => desk ?? []);
  });
  return { desks, both };
}

const byId = (desks: readonly Desk[]): Map<string, Desk> => new Map(desks.map((desk) => [desk.id, desk]));
const same = (a: Desk | undefined, b: Desk | undefined): boolean => JSON.stringify(a) === JSON.stringify(b);
