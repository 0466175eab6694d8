import { describe, expect, it } from 'vitest';
import { MOST_VIEWS, readViews, sameSearch, withoutView, withView } from './saved-views.ts';

describe('saved views', () => {
  it('are read as far as they can be', () => {
    expect(readViews(null)).toEqual([]);
    expect(readViews('{')).toEqual([]);
    expect(readViews('{"a":1}')).toEqual([]);
    expect(readViews('[null, {"name":""}, {"name":"busy","search":{"q":1,"show":"working","x":"y"}}]')).toEqual([
      { name: 'busy', search: { show: 'working' } },
    ]);
  });
  it('are there once by name, in order, and not without end', () => {
    const views = withView([{ name: 'b', search: {} }], { name: 'a', search: { q: 'x' } });
    expect(views.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(withView(views, { name: 'a', search: { q: 'y' } })).toEqual([
      { name: 'a', search: { q: 'y' } },
      { name: 'b', search: {} },
    ]);
    expect(withoutView(views, 'a')).toEqual([{ name: 'b', search: {} }]);
    const many = Array.from({ length: MOST_VIEWS }, (_, index) => ({ name: `view ${index}`, search: {} }));
    expect(withView(many, { name: 'one more', search: {} })).toHaveLength(MOST_VIEWS);
  });
  it('are the same when the address is', () => {
    expect(sameSearch({ q: 'x' }, { q: 'x' })).toBe(true);
    expect(sameSearch({ q: 'x' }, { q: 'x', group: 'role' })).toBe(false);
  });
});
