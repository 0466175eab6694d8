import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDuration } from '../src/index.js';

test('short and long names mean the same', () => {
  for (const text of [
    '90m',
    '90 min',
    '90 minutes',
    '1h30m',
    '1h 30m',
    '1 hour 30 minutes',
    '1.5 hours',
    '1 hour, 30 mins',
  ]) {
    assert.equal(parseDuration(text), 5_400_000, text);
  }
});

test('weeks are seven days', () => {
  assert.equal(parseDuration('2w'), parseDuration('14d'));
});

test('"and" and commas stand between parts only', () => {
  assert.equal(parseDuration('2 days and 4 hours'), 187_200_000);
  assert.equal(parseDuration('1d, 2h, and 3m'), 93_780_000);
  assert.throws(() => parseDuration('and 2h'), /"and" is not a number with a unit/);
});

test('a minus sign is for the whole duration', () => {
  assert.equal(parseDuration('-1h 30m'), -5_400_000);
  assert.ok(Object.is(parseDuration('-0s'), 0), 'there is no negative nothing');
});

test('tenths do not become long fractions', () => {
  assert.equal(parseDuration('0.1s'), 100);
  assert.equal(parseDuration('1.1 hours'), 3_960_000);
});

test('what is not a duration is named', () => {
  assert.throws(() => parseDuration(''), /empty/);
  assert.throws(() => parseDuration('soon'), /"soon" is not a number with a unit/);
  assert.throws(() => parseDuration('5 parsecs'), /"parsecs" is not a unit of time/);
  assert.throws(() => parseDuration('5h tomorrow'), /"tomorrow"/);
  assert.throws(() => parseDuration(5), TypeError);
});

test('months and years have no fixed length', () => {
  assert.throws(() => parseDuration('1 month'), /no fixed length/);
  assert.throws(() => parseDuration('2y'), /no fixed length/);
});
