import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseIso, toIso } from '../src/index.js';

test('both ways give the same', () => {
  for (const text of ['PT0S', 'PT1H30M', 'P1D', 'P2DT4H', 'PT0.25S', '-PT10M']) {
    assert.equal(toIso(parseIso(text)), text);
  }
});

test('weeks are read and written as days', () => {
  assert.equal(toIso(parseIso('P1W')), 'P7D');
});

test('fractions of a second are exact', () => {
  assert.equal(parseIso('PT32.02S'), 32_020);
});

test('what has no fixed length, or no number, is refused', () => {
  for (const text of ['P', 'PT', 'P1Y', 'P1M', 'P1DT', '1h', '']) {
    assert.throws(() => parseIso(text), /not an ISO 8601 duration/, text);
  }
});
