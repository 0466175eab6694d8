import { expect, test } from 'vitest';
import { readGrant } from './read-grant.ts';

const payload = btoa(JSON.stringify({ show: 'agent', id: 'a1', expires: 5, name: 'Ada' })).replace(/=+$/, '');

test('the grant is read from the path, its key from the fragment', () => {
  expect(readGrant(`${payload}.sig`, '#key=abc-_1')).toEqual({
    show: 'agent',
    id: 'a1',
    expires: 5,
    token: `pm_embed_${payload}.abc-_1`,
  });
});

test('an address that is not complete is none', () => {
  expect(readGrant(`${payload}.sig`, '')).toBeNull();
  expect(readGrant('nonsense', '#key=abc')).toBeNull();
  expect(readGrant(btoa('{"show":"secrets","expires":5}'), '#key=abc')).toBeNull();
});
