import { describe, expect, it } from 'vitest';
import { type DeskLayout, groupOf } from './desk-layout.ts';
import { type Desk, freeName, mergeDesks, readDesks, storedForm, withDesk, withoutDesk } from './stored-desks.ts';

const layout: DeskLayout = {
  across: 'row',
  parts: [
    { share: 0.6, node: { panels: [{ kind: 'terminal', of: '1', name: 'api' }, { kind: 'inbox' }], shown: 1 } },
    { share: 0.4, node: groupOf({ kind: 'log', of: '2', name: 'Release check' }) },
  ],
};
const desk = (id: string, more: Partial<Desk> = {}): Desk => ({ id, name: id, layout: null, ...more });
const stored = (desks: unknown) => JSON.parse(JSON.stringify({ version: 1, desks })) as unknown;

describe('what was kept is read', () => {
  it('as it was written, and nothing kept is no desk', () => {
    const desks = [desk('a', { layout }), desk('b')];
    expect(readDesks(JSON.parse(JSON.stringify(storedForm(desks))))).toEqual({ desks, lost: [] });
    expect(readDesks(null)).toEqual({ desks: [], lost: [] });
  });

  it('with panels of a kind that this version does not know, so that a newer one finds them again', () => {
    const newer: DeskLayout = groupOf({ kind: 'hologram', of: '7', name: 'api in three dimensions' });
    expect(readDesks(stored([desk('a', { layout: newer })]))).toEqual({
      desks: [desk('a', { layout: newer })],
      lost: [],
    });
  });

  it.each([
    ['text', 'desks'],
    ['a list', []],
    ['another version', { version: 2, desks: [] }],
    ['no list of desks', { version: 1, desks: { 0: {} } }],
  ])('says so when it is %s', (_, value) => {
    expect(readDesks(value)).toEqual({
      desks: [],
      lost: ['Your desks were kept in a form that this version cannot read.'],
    });
  });

  it('without the part that is damaged, with a word about it', () => {
    const parts = [
      { share: 'half', node: { panels: [{ kind: 'inbox' }], shown: 9 } },
      { share: 0.5, node: { panels: [{ kind: 7 }, null, { kind: 'log', of: {} }] } },
      { share: 0.5, node: 'nothing' },
    ];
    expect(readDesks(stored([desk('a', { layout: { across: 'row', parts } as unknown as DeskLayout })]))).toEqual({
      desks: [desk('a', { layout: { panels: [{ kind: 'inbox' }], shown: 0 } })],
      lost: ['A part of the desk a could not be read and was left out.'],
    });
    expect(readDesks(stored([desk('a', { layout: 5 as unknown as DeskLayout }), { id: 3 }]))).toEqual({
      desks: [desk('a')],
      lost: ['The desk a could not be read and is empty now.', 'Desk 2 could not be read and was left out.'],
    });
  });

  it('with each panel and each desk once, and no deeper than anybody splits', () => {
    const twice = { panels: [{ kind: 'inbox' }, { kind: 'inbox' }], shown: 0 };
    expect(readDesks(stored([desk('a', { layout: twice }), desk('a')])).desks).toEqual([
      desk('a', { layout: groupOf({ kind: 'inbox' }) }),
    ]);
    let deep: unknown = { panels: [{ kind: 'inbox' }], shown: 0 };
    for (let level = 0; level < 1000; level += 1)
      deep = { across: level % 2 ? 'row' : 'column', parts: [{ share: 1, node: deep }] };
    expect(readDesks(stored([{ id: 'a', name: 'a', layout: deep }]))).toMatchObject({ desks: [desk('a')] });
  });
});

it('a name that is taken gets a number', () => {
  const desks = [desk('1', { name: 'Desk' }), desk('2', { name: 'Desk 2' })];
  expect(freeName(desks, 'Desk')).toBe('Desk 3');
  expect(freeName(desks, ' Night ')).toBe('Night');
  expect(freeName([], '')).toBe('Desk');
  expect(freeName([desk('1', { name: 'x'.repeat(40) })], 'x'.repeat(60))).toBe(`${'x'.repeat(36)} 2`);
});

describe('two tabs', () => {
  const base = [desk('a'), desk('b')];
  it('that changed different desks keep both changes', () => {
    const mine = withDesk(base, desk('a', { layout }));
    const theirs = withDesk(withDesk(base, desk('b', { name: 'Night' })), desk('c'));
    expect(mergeDesks(base, mine, theirs)).toEqual({
      desks: [desk('a', { layout }), desk('b', { name: 'Night' }), desk('c')],
      both: [],
    });
    expect(mergeDesks(base, withoutDesk(base, 'a'), theirs).desks.map(({ id }) => id)).toEqual(['b', 'c']);
    expect(mergeDesks(base, mine, withoutDesk(base, 'b')).desks).toEqual([desk('a', { layout })]);
  });

  it('that changed the same desk are told apart; the same change is none', () => {
    const mine = withDesk(base, desk('a', { layout }));
    const theirs = withDesk(base, desk('a', { name: 'Night' }));
    expect(mergeDesks(base, mine, theirs).both).toEqual(['a']);
    expect(mergeDesks(base, mine, mine)).toEqual({ desks: mine, both: [] });
    // Removed here, changed there: what was changed is kept.
    expect(mergeDesks(base, withoutDesk(base, 'a'), theirs)).toEqual({
      desks: [desk('a', { name: 'Night' }), desk('b')],
      both: ['Night'],
    });
  });
});
