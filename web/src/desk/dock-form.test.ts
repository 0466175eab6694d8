import { expect, it } from 'vitest';
import type { DeskNode } from './desk-layout.ts';
import { fromDock, toDock } from './dock-form.ts';

const group = (...names: string[]) => ({ panels: names.map((of) => ({ kind: 'terminal', of })), shown: 0 });
const size = { width: 1200, height: 800 };

const layouts: [string, DeskNode][] = [
  ['one group', { panels: [{ kind: 'inbox' }, { kind: 'log', of: '1', name: 'x' }], shown: 1 }],
  [
    'columns of rows of columns',
    {
      across: 'column',
      parts: [
        { share: 0.25, node: group('a') },
        {
          share: 0.75,
          node: {
            across: 'row',
            parts: [
              { share: 0.4, node: group('b', 'c') },
              {
                share: 0.6,
                node: {
                  across: 'column',
                  parts: [
                    { share: 0.5, node: group('d') },
                    { share: 0.5, node: group('e') },
                  ],
                },
              },
            ],
          },
        },
      ],
    },
  ],
];

it.each(layouts)('%s comes back as it was', (_, layout) => {
  expect(fromDock(toDock(layout, size))).toEqual(layout);
});

it('sizes are of the desk they are drawn on', () => {
  const { grid, panels } = toDock(layouts[1]?.[1] ?? group('a'), size);
  expect(grid).toMatchObject({
    orientation: 'VERTICAL',
    root: {
      type: 'branch',
      size: 1200,
      data: [
        { type: 'leaf', size: 200 },
        { type: 'branch', size: 600, data: [{ size: 480 }, { size: 720, data: [{ size: 300 }, { size: 300 }] }] },
      ],
    },
  });
  expect(Object.keys(panels)).toEqual(['terminal:a', 'terminal:b', 'terminal:c', 'terminal:d', 'terminal:e']);
});

it('what lies there without a panel of ours is nothing', () => {
  const drawn = toDock(group('a'), size);
  expect(fromDock({ ...drawn, panels: {} })).toBeNull();
});
