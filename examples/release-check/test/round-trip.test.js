import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDuration, parseDuration, parseIso, toIso } from '../src/index.js';

const ROUNDS = 50_000;

/** The same numbers in every run, so that a failure can be repeated. */
function* numbers() {
  let state = 20_240_920;
  for (let round = 0; round < ROUNDS; round++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    // Small and large ones alike: up to a few weeks.
    yield Math.floor(state / 2 ** (round % 32)) * (round % 3 === 0 ? -1 : 1) || 0;
  }
}

test('what was formatted is parsed back, in words', () => {
  for (const ms of numbers()) {
    assert.equal(parseDuration(formatDuration(ms)), ms);
    assert.equal(parseDuration(formatDuration(ms, { style: 'short' })), ms);
  }
});

test('what was formatted is parsed back, in ISO 8601', () => {
  for (const ms of numbers()) assert.equal(parseIso(toIso(ms)), ms);
});

test('two parts lose less than a tenth', () => {
  for (const ms of numbers()) {
    const shown = Math.abs(parseDuration(formatDuration(ms, { parts: 2 })));
    assert.ok(Math.abs(shown - Math.abs(ms)) <= Math.abs(ms) / 10, String(ms));
  }
});
