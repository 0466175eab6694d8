import { afterEach, expect, it } from 'vitest';
import { choose, chosenFor, isPlain, oursOf } from './chosen-keys.ts';

afterEach(() => {
  choose('Workflow', 'e', 'e');
  choose('Inbox', 'j', 'j');
});

it('a key that was chosen does what ours did, and ours does nothing any more', () => {
  choose('Workflow', 'e', 'r');
  expect(chosenFor('Workflow', 'e')).toBe('r');
  expect(oursOf('Workflow', 'r')).toBe('e');
  expect(oursOf('Workflow', 'e')).toBeNull();
});

it('a choice holds for its group alone, whatever the other is called', () => {
  choose('Workflow', 'e', 'r');
  expect(oursOf('Workflow builder', 'e')).toBe('e');
  expect(oursOf('Workflow builder', 'r')).toBe('r');
});

it('two keys may change places, and ours are taken again', () => {
  choose('Inbox', 'j', 'k');
  choose('Inbox', 'k', 'j');
  expect([oursOf('Inbox', 'k'), oursOf('Inbox', 'j')]).toEqual(['j', 'k']);
  choose('Inbox', 'k', 'k');
  choose('Inbox', 'j', 'j');
  expect([oursOf('Inbox', 'k'), oursOf('Inbox', 'j')]).toEqual(['k', 'j']);
});

it('only plain keys can be chosen', () => {
  expect(['a', '/', '?', 'g o'].map(isPlain)).toEqual([true, true, true, true]);
  expect(['mod+k', 'Enter', 'g o x', ' '].map(isPlain)).toEqual([false, false, false, false]);
});
