import { describe, expect, it } from 'vitest';
import { type OverviewView, searchOf, shownColumns, USUAL, viewOf } from './overview-view.ts';

describe('a view in an address', () => {
  it('comes back as it was', () => {
    const view: OverviewView = {
      filter: 'build host',
      quick: 'working',
      group: 'role',
      sort: { by: 'cpu', descending: true },
      columns: ['status', 'cpu'],
    };
    expect(searchOf(view)).toEqual({
      q: 'build host',
      show: 'working',
      group: 'role',
      sort: '-cpu',
      columns: 'status,cpu',
    });
    expect(viewOf(searchOf(view))).toEqual(view);
  });
  it('is nothing for the usual one, and nonsense is the usual one', () => {
    expect(searchOf(USUAL)).toEqual({});
    expect(viewOf({ show: 'x', group: '__proto__', sort: '-x' })).toEqual({
      ...USUAL,
      sort: { by: 'needs', descending: true },
    });
    expect(viewOf({ columns: 'cost,nothing,status' }).columns).toEqual(['status', 'cost']);
  });
});

it('names the host only where there are several, unless somebody wants to see it', () => {
  expect(shownColumns(USUAL, false)).not.toContain('host');
  expect(shownColumns(USUAL, true)).toContain('host');
  expect(shownColumns({ ...USUAL, columns: ['host'] }, false)).toEqual(['host']);
});
