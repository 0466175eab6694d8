import { describe, expect, it } from 'vitest';
import {
  besidesIn,
  boxesOf,
  type DeskLayout,
  type DeskPanel,
  type DeskSplit,
  grownPanel,
  groupOf,
  groupWith,
  isSplit,
  joinedPanel,
  movedPanel,
  panelKey,
  panelsOf,
  shownPanel,
  splitBeside,
  splitEdge,
  withoutPanel,
  withPanels,
} from './desk-layout.ts';

const panel = (name: string): DeskPanel => ({ kind: 'terminal', of: name });
const key = (name: string): string => panelKey(panel(name));
const group = (...names: string[]) => ({ panels: names.map(panel), shown: 0 });
const split = (across: 'row' | 'column', ...nodes: DeskSplit['parts'][number]['node'][]): DeskSplit => ({
  across,
  parts: nodes.map((node) => ({ share: 1 / nodes.length, node })),
});
/** `a b` are tabs, `a | b` lie beside and `a / b` below each other. */
const words = (layout: DeskLayout): string =>
  !layout
    ? 'nothing'
    : isSplit(layout)
      ? `(${layout.parts.map(({ node }) => words(node)).join(layout.across === 'row' ? ' | ' : ' / ')})`
      : layout.panels.map(({ of }, index) => (index === layout.shown ? `${of}*` : of)).join(' ');
const wide = { width: 1600, height: 800 };

describe('a panel is put on a desk', () => {
  it('where there is most room, and beside or below what is there by its shape', () => {
    let layout: DeskLayout = null;
    const seen = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => {
      layout = withPanels(layout, [panel(name)], wide);
      return words(layout);
    });
    expect(seen).toEqual([
      'a*',
      '(a* | b*)',
      '((a* / c*) | b*)',
      '((a* / c*) | (b* / d*))',
      '((a e* / c*) | (b* / d*))',
      '((a e f* / c*) | (b* / d*))',
      '((a e f g* / c*) | (b* / d*))',
    ]);
  });

  it('once: a second time it only comes to the front', () => {
    expect(words(withPanels(group('a', 'b'), [panel('b')], wide))).toBe('a b*');
  });

  it('at any side of another, and splits of one direction are one split', () => {
    const layout = split('row', group('a'), group('b'));
    expect(words(splitBeside(layout, panel('x'), { key: key('b'), side: 'left' }))).toBe('(a* | x* | b*)');
    expect(words(splitBeside(layout, panel('x'), { key: key('b'), side: 'above' }))).toBe('(a* | (x* / b*))');
    expect(words(splitEdge(layout, panel('x'), 'below'))).toBe('((a* | b*) / x*)');
    expect(words(besidesIn(layout, panel('x'), key('a')))).toBe('(a x* | b*)');
  });
});

describe('a panel is taken away', () => {
  it('with its group when it was the last there, and the others get its room', () => {
    const layout = split('row', split('column', group('a'), group('b')), group('c'));
    expect(words(withoutPanel(layout, key('a')))).toBe('(b* | c*)');
    expect(words(withoutPanel(withoutPanel(layout, key('a')), key('c')))).toBe('b*');
    expect(withoutPanel(group('a'), key('a'))).toBeNull();
    const left = withoutPanel(split('row', group('a'), group('b'), group('c')), key('b'));
    expect(left && isSplit(left) && left.parts.map(({ share }) => share)).toEqual([0.5, 0.5]);
  });

  it('and the one that was in front stays there', () => {
    const layout = shownPanel(group('a', 'b', 'c'), key('c'));
    expect(words(withoutPanel(layout, key('a')))).toBe('b c*');
    expect(words(withoutPanel(layout, key('c')))).toBe('a b*');
    expect(withoutPanel(layout, 'nobody')).toEqual(layout);
  });
});

describe('a panel is moved by keyboard', () => {
  it('out of its tabs first, then past its neighbour, then along the whole desk', () => {
    const tabs = split('row', group('a', 'b'), group('c'));
    const out = movedPanel(tabs, key('b'), 'below');
    expect(words(out)).toBe('((a* / b*) | c*)');
    const past = movedPanel(out, key('b'), 'above');
    expect(words(past)).toBe('((b* / a*) | c*)');
    const edge = movedPanel(past, key('b'), 'right');
    expect(words(edge)).toBe('(a* | c* | b*)');
    expect(words(movedPanel(edge, key('b'), 'left'))).toBe('(a* | b* | c*)');
    expect(words(movedPanel(edge, key('c'), 'above'))).toBe('(c* / (a* | b*))');
  });

  it('and stays where nothing else is', () => {
    expect(words(movedPanel(group('a'), key('a'), 'left'))).toBe('a*');
    expect(words(movedPanel(group('a'), 'nobody', 'left'))).toBe('a*');
    expect(words(joinedPanel(group('a'), key('a')))).toBe('a*');
  });

  it('into the next group as a tab, and round to the first', () => {
    const layout = split('row', group('a'), group('b'), group('c'));
    expect(words(joinedPanel(layout, key('a')))).toBe('(b a* | c*)');
    expect(words(joinedPanel(layout, key('c')))).toBe('(a c* | b*)');
  });

  it('never loses or doubles a panel, whatever is done in whatever order', () => {
    let layout: DeskLayout = withPanels(null, ['a', 'b', 'c', 'd', 'e'].map(panel), wide);
    const sides = ['left', 'above', 'right', 'below'] as const;
    for (let turn = 0; turn < 400; turn += 1) {
      const name = 'abcde'[(turn * 7) % 5] ?? 'a';
      layout =
        turn % 5 === 0
          ? joinedPanel(layout, key(name))
          : movedPanel(layout, key(name), sides[(turn * 3) % 4] ?? 'left');
      expect(new Set(panelsOf(layout).map(({ of }) => of)), `turn ${turn}`).toEqual(new Set('abcde'));
      expect(panelsOf(layout)).toHaveLength(5);
      const boxes = boxesOf(layout, { width: 1000, height: 1000 });
      expect(boxes.reduce((sum, box) => sum + box.width * box.height, 0)).toBeCloseTo(1_000_000, 0);
    }
  });
});

it('a group grows at the cost of the others, and leaves them something', () => {
  const layout = split('row', group('a'), group('b'), group('c'), group('d'));
  const grown = grownPanel(layout, key('a'), 2);
  const shares = (of: DeskLayout) => (of && isSplit(of) ? of.parts.map(({ share }) => Number(share.toFixed(3))) : []);
  expect(shares(grown)).toEqual([0.5, 0.167, 0.167, 0.167]);
  expect(shares(grownPanel(grown, key('a'), 10))[0]).toBe(0.76);
  expect(shares(grownPanel(layout, key('b'), 0.001))[1]).toBe(0.08);
  expect(grownPanel(groupOf(panel('a')), key('a'), 2)).toEqual(groupOf(panel('a')));
  const nested = grownPanel(split('row', split('column', group('a'), group('b')), group('c')), key('a'), 1.2);
  expect(groupWith(nested, key('a'))).toBeDefined();
  expect(nested && isSplit(nested) && shares(nested.parts[0]?.node ?? null)).toEqual([0.6, 0.4]);
});
