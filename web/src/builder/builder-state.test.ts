import { describe, expect, test } from 'vitest';
import { beginWith, builderReducer, type BuilderAction, type BuilderState, isChanged } from './builder-state.ts';
import { type Doc, edgesOf, groupsOf, nodesOf, notesOf, valueAt } from './document.ts';
import { type Edit, leadsTo } from './edits.ts';
import { fragmentText, readFragment } from './fragment.ts';
import { placesOf } from './placing.ts';

const DOCUMENT: Doc = {
  name: 'Ship',
  nodes: [
    { id: 'plan', type: 'agent', config: { agent: 'a', prompt: 'Plan {{ inputs.what }}' } },
    { id: 'build', type: 'shell', config: { command: ['make', '{{ nodes.plan.output.text }}'] } },
    {
      id: 'done',
      type: 'transform',
      config: { value: "nodes.build.output.exitCode == 0 && nodes['plan'].status == 'succeeded'" },
    },
  ],
  edges: [
    { from: 'plan', to: 'build', when: 'nodes.plan.output.text != ""' },
    { from: 'build', to: 'done' },
  ],
  outputs: { text: 'nodes.plan.output.text' },
};
const ids = (document: Doc): string[] => nodesOf(document).map(({ id }) => id);
const after = (state: BuilderState, ...actions: BuilderAction[]): BuilderState => actions.reduce(builderReducer, state);
const edit = (given: Edit, merge?: string): BuilderAction => ({
  type: 'edit',
  edit: given,
  ...(merge === undefined ? {} : { merge }),
});
const edited = (given: Edit, document = DOCUMENT): BuilderState => after(beginWith(document), edit(given));

describe('adding and connecting', () => {
  test('a node gets an id that is free, a place that is free, and an edge from the one before it', () => {
    const first = edited({ type: 'add-node', nodeType: 'shell', at: null, after: 'plan' });
    const second = after(first, edit({ type: 'add-node', nodeType: 'shell', at: null, after: 'plan' }));
    expect(ids(second.document)).toEqual(['plan', 'build', 'done', 'shell', 'shell2']);
    expect(
      edgesOf(second.document)
        .slice(2)
        .map(({ from, to }) => [from, to]),
    ).toEqual([
      ['plan', 'shell'],
      ['plan', 'shell2'],
    ]);
    const places = [...placesOf(second.document).values()].map(({ x, y }) => `${x},${y}`);
    expect(new Set(places).size).toBe(5);
    expect([...second.selection]).toEqual(['node:shell2']);
  });

  test('the others stay where they were seen, although the document had no positions', () => {
    const before = placesOf(DOCUMENT);
    const { document } = edited({ type: 'add-node', nodeType: 'wait', at: { x: 900, y: 900 }, after: null });
    for (const [id, at] of before)
      expect(placesOf(document).get(id)).toEqual({ x: Math.round(at.x), y: Math.round(at.y) });
    expect(placesOf(document).get('wait')).toEqual({ x: 900, y: 900 });
  });

  test('an edge that closes a cycle is a loop with a limit; a second one between the same two is not made', () => {
    const { document } = edited({ type: 'connect', from: 'done', to: 'plan' });
    expect(edgesOf(document)[2]?.edge).toEqual({ from: 'done', to: 'plan', max: 3 });
    const again = edited({ type: 'connect', from: 'plan', to: 'build' });
    expect(again.document).toBe(DOCUMENT);
    expect([...again.selection]).toEqual(['edge:0']);
    expect(again.past).toEqual([]);
    expect(leadsTo(document, 'build', 'plan')).toBe(false);
  });
});

describe('renaming', () => {
  test('everything that refers to the node follows, and nothing else', () => {
    const { document, selection } = edited(
      { type: 'rename', from: 'plan', to: 'design' },
      {
        ...DOCUMENT,
        layout: { plan: [1, 2] },
        metadata: { pointsman: { groups: [{ id: 'g', title: '', nodes: ['plan'] }] } },
      },
    );
    expect(ids(document)).toEqual(['design', 'build', 'done']);
    expect(valueAt(document, ['nodes', 1, 'config', 'command'])).toEqual(['make', '{{ nodes.design.output.text }}']);
    expect(valueAt(document, ['nodes', 2, 'config', 'value'])).toBe(
      "nodes.build.output.exitCode == 0 && nodes['design'].status == 'succeeded'",
    );
    expect(document['edges']).toEqual([
      { from: 'design', to: 'build', when: 'nodes.design.output.text != ""' },
      { from: 'build', to: 'done' },
    ]);
    expect(document['outputs']).toEqual({ text: 'nodes.design.output.text' });
    expect(document['layout']).toEqual({ design: [1, 2] });
    expect(groupsOf(document)[0]?.nodes).toEqual(['design']);
    expect([...selection]).toEqual(['node:design']);
  });

  test('words that only look like the node stay: other nodes, members, and plain text', () => {
    const { document } = edited(
      { type: 'rename', from: 'a', to: 'b' },
      {
        nodes: [
          { id: 'a', type: 'condition' },
          {
            id: 'x',
            type: 'agent',
            config: { prompt: 'nodes.a in words, {{ nodes.ab.output + nodes.a.output }}', agent: 'a' },
          },
          { id: 'y', type: 'transform', config: { value: 'inputs.nodes.a' } },
        ],
      },
    );
    expect(valueAt(document, ['nodes', 1, 'config'])).toEqual({
      prompt: 'nodes.a in words, {{ nodes.ab.output + nodes.b.output }}',
      agent: 'a',
    });
    expect(valueAt(document, ['nodes', 2, 'config', 'value'])).toBe('inputs.nodes.a');
  });
});

describe('removing, moving, grouping', () => {
  test('a node goes with its edges, its place and its seat in a group', () => {
    const grouped = edited({ type: 'group', nodes: new Set(['plan', 'build']) });
    const placed = after(grouped, edit({ type: 'arrange' }));
    const { document } = after(placed, edit({ type: 'remove', keys: new Set(['node:build']) }));
    expect(ids(document)).toEqual(['plan', 'done']);
    expect(document['edges']).toEqual([]);
    expect(Object.keys(document['layout'] as object)).toEqual(['plan', 'done']);
    expect(groupsOf(document)).toEqual([{ id: 'group', title: 'Group', nodes: ['plan'] }]);
    const none = after(placed, edit({ type: 'remove', keys: new Set(['node:build', 'node:plan']) }));
    expect(none.document['metadata']).toBeUndefined();
  });

  test('a node stands in one group at most', () => {
    const twice = after(
      edited({ type: 'group', nodes: new Set(['plan', 'build']) }),
      edit({ type: 'group', nodes: new Set(['build', 'done']) }),
    );
    expect(groupsOf(twice.document).map(({ nodes }) => nodes)).toEqual([['plan'], ['build', 'done']]);
  });

  test('several are aligned and spread', () => {
    const at = (x: number, y: number) => [x, y];
    const placed = { ...DOCUMENT, layout: { plan: at(0, 10), build: at(50, 300), done: at(900, 40) } };
    const left = edited({ type: 'align', nodes: new Set(['plan', 'build']), how: 'left' }, placed);
    expect(left.document['layout']).toEqual({ plan: [0, 10], build: [0, 300], done: [900, 40] });
    const across = edited({ type: 'align', nodes: new Set(['plan', 'build', 'done']), how: 'across' }, placed);
    expect(across.document['layout']).toEqual({ plan: [0, 10], build: [450, 300], done: [900, 40] });
  });

  test('notes are written, moved and removed, and are gone from the document with the last one', () => {
    const noted = after(
      edited({ type: 'add-note', at: { x: 5, y: 6 } }),
      edit({ type: 'set-note', id: 'note', text: 'Mind this' }),
      edit({ type: 'move', to: new Map([['note:note', { x: 7.4, y: 8 }]]) }),
    );
    expect(notesOf(noted.document)).toEqual([{ id: 'note', text: 'Mind this', at: { x: 7, y: 8 } }]);
    expect(after(noted, edit({ type: 'remove', keys: new Set(['note:note']) })).document).toEqual(DOCUMENT);
  });
});

describe('copy and paste', () => {
  test('a part goes through text into another document, with fresh ids and its own edges and reads', () => {
    const text = fragmentText(DOCUMENT, { nodes: new Set(['plan', 'build']), notes: new Set() });
    const fragment = readFragment(text ?? '');
    expect(fragment?.edges).toHaveLength(1);
    if (!fragment) throw new Error('no fragment');
    const { document, selection } = edited({ type: 'paste', fragment, at: null });
    expect(ids(document)).toEqual(['plan', 'build', 'done', 'plan2', 'build2']);
    expect(valueAt(document, ['nodes', 4, 'config', 'command'])).toEqual(['make', '{{ nodes.plan2.output.text }}']);
    expect(edgesOf(document)[2]?.edge).toEqual({ from: 'plan2', to: 'build2', when: 'nodes.plan2.output.text != ""' });
    expect([...selection]).toEqual(['node:plan2', 'node:build2']);
    const elsewhere = edited({ type: 'paste', fragment, at: { x: 100, y: 200 } }, { nodes: [] });
    expect(ids(elsewhere.document)).toEqual(['plan', 'build']);
    expect(placesOf(elsewhere.document).get('plan')).toMatchObject({ x: 100 });
  });

  test('a whole document can be pasted; any other text cannot', () => {
    expect(readFragment(JSON.stringify(DOCUMENT))?.nodes).toHaveLength(3);
    for (const text of ['', 'hello', '{', '{}', '[1]', '{"nodes":[{"id":1}]}', 'null'])
      expect(readFragment(text), text).toBeNull();
    expect(fragmentText(DOCUMENT, { nodes: new Set(['nobody']), notes: new Set() })).toBeNull();
  });
});

describe('back and forth', () => {
  test('every edit can be undone and done again, with what was selected', () => {
    const added = edited({ type: 'add-node', nodeType: 'agent', at: null, after: null });
    const back = after(added, { type: 'undo' });
    expect(back.document).toBe(DOCUMENT);
    expect(isChanged(back)).toBe(false);
    const again = after(back, { type: 'redo' });
    expect(again.document).toBe(added.document);
    expect([...again.selection]).toEqual(['node:agent']);
    expect(after(again, { type: 'redo' })).toBe(again);
    expect(after(beginWith(DOCUMENT), { type: 'undo' }).document).toBe(DOCUMENT);
  });

  test('typing into one field is one step, in two fields it is two, and a new edit ends what could be done again', () => {
    const type = (text: string, field: string) => edit({ type: 'set', path: [field], value: text }, `set /${field}`);
    const typed = after(beginWith(DOCUMENT), type('S', 'name'), type('Sh', 'name'), type('D', 'description'));
    expect(typed.past).toHaveLength(2);
    const back = after(typed, { type: 'undo' });
    expect(back.document['name']).toBe('Sh');
    expect(after(back, type('Other', 'name')).future).toEqual([]);
    const selected = after(typed, { type: 'select', selection: new Set() }, type('De', 'description'));
    expect(selected.past).toHaveLength(3);
  });

  test('what is saved is no change, also when it is reached by going back', () => {
    const added = edited({ type: 'set', path: ['name'], value: 'Other' });
    expect(isChanged(added)).toBe(true);
    const saved = after(added, { type: 'saved', document: added.document });
    expect(isChanged(saved)).toBe(false);
    expect(isChanged(after(saved, { type: 'undo' }))).toBe(true);
  });

  test('a field that is emptied leaves the document', () => {
    const path = ['nodes', 1, 'retry', 'max'];
    const set = edited({ type: 'set', path, value: 2 });
    expect(valueAt(set.document, ['nodes', 1, 'retry'])).toEqual({ max: 2 });
    expect(valueAt(after(set, edit({ type: 'set', path, value: undefined })).document, ['nodes', 1, 'retry'])).toEqual(
      {},
    );
  });
});

test('a document with anything in it is looked at without harm', () => {
  for (const document of [
    {},
    { nodes: null, edges: 'x' },
    {
      nodes: [null, 3, { id: 5 }, { id: 'a' }, { id: 'a' }],
      edges: [null, {}, { from: 'a', to: 'nobody' }],
      layout: [],
    },
    { metadata: { pointsman: { notes: [{}], groups: [4, { id: 'g', nodes: 'x' }] } } },
  ] as Doc[]) {
    const all = new Set(['node:a', 'edge:2', 'note:n', 'group:g']);
    for (const given of [
      { type: 'add-node', nodeType: 'agent', at: null, after: 'a' },
      { type: 'rename', from: 'a', to: 'b' },
      { type: 'remove', keys: all },
      { type: 'arrange' },
      { type: 'connect', from: 'a', to: 'a' },
    ] satisfies Edit[])
      expect(nodesOf(edited(given, document).document).length).toBeGreaterThanOrEqual(0);
  }
});
