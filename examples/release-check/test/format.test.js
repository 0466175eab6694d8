import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDuration } from '../src/index.js';

test('one of a unit is singular', () => {
  assert.equal(formatDuration(3_661_001), '1 hour 1 minute 1 second 1 millisecond');
  assert.equal(formatDuration(7_322_002), '2 hours 2 minutes 2 seconds 2 milliseconds');
});

test('short names have no space', () => {
  assert.equal(formatDuration(5_400_000, { style: 'short' }), '1h 30m');
});

test('nothing is zero milliseconds', () => {
  assert.equal(formatDuration(0), '0 milliseconds');
  assert.equal(formatDuration(-0.2, { style: 'short' }), '0ms');
});

test('only the largest parts are shown, rounded', () => {
  assert.equal(formatDuration(93_784_000, { parts: 2 }), '1 day 2 hours');
  assert.equal(formatDuration(95_399_000, { parts: 2 }), '1 day 2 hours');
  assert.equal(formatDuration(95_400_000, { parts: 2 }), '1 day 3 hours');
});

test('rounding up reaches the next unit', () => {
  assert.equal(formatDuration(59_999.6), '1 minute');
  assert.equal(formatDuration(3_599_000, { parts: 1 }), '1 hour');
  assert.equal(formatDuration(604_799_000, { parts: 2 }), '1 week');
});

test('what cannot be shown is refused', () => {
  assert.throws(() => formatDuration(Number.NaN), RangeError);
  assert.throws(() => formatDuration(1, { style: 'loud' }), /no style "loud"/);
  assert.throws(() => formatDuration(1, { parts: 0 }), RangeError);
});
