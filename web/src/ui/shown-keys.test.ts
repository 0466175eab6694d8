import { expect, it } from 'vitest';
import { keyCaps, shownKeys } from './shown-keys.ts';

const layer = (group: 'Executions' | 'Log' | 'Everywhere', keys: Record<string, string>, everywhere = true) => ({
  group,
  keys,
  everywhere,
});

it('keys that do the same are one line, and what works everywhere comes last', () => {
  expect(
    shownKeys([
      layer('Everywhere', { '?': 'This sheet' }),
      layer('Executions', { j: 'Next', ArrowDown: 'Next', k: 'Previous' }),
      layer('Executions', { c: 'Compare' }),
    ]),
  ).toEqual([
    {
      title: 'Executions',
      shown: [
        { what: 'Next', keys: ['j', 'ArrowDown'], everywhere: true },
        { what: 'Previous', keys: ['k'], everywhere: true },
        { what: 'Compare', keys: ['c'], everywhere: true },
      ],
    },
    { title: 'Everywhere', shown: [{ what: 'This sheet', keys: ['?'], everywhere: true }] },
  ]);
});

it('a key that the page has taken over is not shown for whoever had it before', () => {
  expect(
    shownKeys([layer('Executions', { '/': 'Filter', j: 'Next' }), layer('Log', { '/': 'Find in the log' })]),
  ).toEqual([
    { title: 'Executions', shown: [{ what: 'Next', keys: ['j'], everywhere: true }] },
    { title: 'Log', shown: [{ what: 'Find in the log', keys: ['/'], everywhere: true }] },
  ]);
});

it('a key of one field takes nothing from the page, and the page nothing from it', () => {
  expect(
    shownKeys([
      layer('Log', { Escape: 'Back from finding' }, false),
      layer('Executions', { Escape: 'Choose none' }),
      layer('Log', { Enter: 'Next one that is found' }, false),
    ]).map(({ shown }) => shown.map(({ what }) => what)),
  ).toEqual([['Choose none'], ['Back from finding', 'Next one that is found']]);
});

it('caps are drawn as they are on the keyboard', () => {
  expect(keyCaps('mod+k', '⌘')).toEqual(['⌘', 'K']);
  expect(keyCaps('mod+shift+z', 'Ctrl')).toEqual(['Ctrl', 'Shift', 'Z']);
  expect(keyCaps('g o', 'Ctrl')).toEqual(['g', 'o']);
  expect(keyCaps('shift+Escape', 'Ctrl')).toEqual(['Shift', 'Esc']);
  expect(keyCaps('+', 'Ctrl')).toEqual(['+']);
  expect(keyCaps('ctrl+Space', 'Ctrl')).toEqual(['Ctrl', 'Space']);
});
