import { describe, expect, it } from 'vitest';
import type { CompiledGraph } from '../../../src/contract/workflows.ts';
import { bestDrawing, drawGraph, NODE_HEIGHT, NODE_WIDTH } from './graph-drawing.ts';

const node = (id: string, position?: [number, number]) => ({
  id,
  type: 'shell',
  label: id,
  join: 'all',
  loops: [],
  ...(position ? { position } : {}),
});
const edge = (index: number, from: string, to: string, more: object = {}) => ({
  index,
  from,
  to,
  on: 'success',
  otherwise: false,
  loop: false,
  ...more,
});
const chain = (count: number): CompiledGraph => ({
  nodes: Array.from({ length: count }, (_, index) => node(`n${index}`)),
  edges: Array.from({ length: count - 1 }, (_, index) => edge(index, `n${index}`, `n${index + 1}`)),
  mermaid: '',
});

describe('a graph drawing', () => {
  it('lets no two nodes overlap', () => {
    const graph = { ...chain(4), edges: [edge(0, 'n0', 'n1'), edge(1, 'n0', 'n2'), edge(2, 'n0', 'n3')] };
    const places = [...drawGraph(graph, 'right').nodes.values()];
    for (const [index, a] of places.entries()) {
      for (const b of places.slice(index + 1))
        expect(Math.abs(a.x - b.x) >= NODE_WIDTH || Math.abs(a.y - b.y) >= NODE_HEIGHT).toBe(true);
    }
  });
  it('keeps the places the author gave', () => {
    const graph = { ...chain(2), nodes: [node('n0', [5, 7]), node('n1', [400, 90])] };
    expect(bestDrawing(graph, { width: 800, height: 600 }).nodes.get('n1')).toEqual({ x: 400, y: 90 });
    expect(bestDrawing(graph, { width: 360, height: 420 }).nodes.get('n1')).toEqual({ x: 400, y: 90 });
  });
  it('draws anew on a phone what would be too small to read there as its author placed it', () => {
    const wide = {
      ...chain(6),
      nodes: chain(6).nodes.map((each, index) => ({ ...each, position: [index * 300, 0] as [number, number] })),
    };
    expect(bestDrawing(wide, { width: 1100, height: 320 }).nodes.get('n5')).toEqual({ x: 1500, y: 0 });
    const { direction, nodes } = bestDrawing(wide, { width: 360, height: 420 });
    expect(direction).toBe('down');
    expect(nodes.get('n5')?.x).toBe(nodes.get('n0')?.x);
  });
  it('turns downwards in a tall narrow box and stays rightwards in a wide one', () => {
    expect(bestDrawing(chain(6), { width: 380, height: 900 }).direction).toBe('down');
    expect(bestDrawing(chain(6), { width: 1400, height: 300 }).direction).toBe('right');
  });
  it('leads a loop edge back below every node it passes', () => {
    const graph = { ...chain(3), edges: [...chain(3).edges, edge(2, 'n2', 'n0', { loop: true, max: 2 })] };
    const drawing = drawGraph(graph, 'right');
    expect(drawing.edges.get(2)?.label.y).toBeGreaterThan(
      Math.max(...[...drawing.nodes.values()].map((place) => place.y + NODE_HEIGHT)),
    );
  });
  it('leaves room for as much of a label as can be seen between two nodes that their author placed', () => {
    const between = (x: number, y: number) => {
      const nodes = [node('n0', [0, 0]), node('n1', [x, y])];
      return drawGraph({ ...chain(2), nodes }, 'right').edges.get(0)?.fits ?? 0;
    };
    expect(between(NODE_WIDTH + 76, 0)).toBe(10);
    expect(between(NODE_WIDTH + 10, 0)).toBe(1);
    expect(between(NODE_WIDTH + 76, 400), 'the label is below the one and above the other').toBe(Infinity);
  });
  it('survives an edge to nowhere and an empty graph', () => {
    expect(drawGraph({ nodes: [], edges: [], mermaid: '' }, 'right').nodes.size).toBe(0);
    const positioned = { ...chain(1), nodes: [node('n0', [0, 0])], edges: [edge(0, 'n0', 'gone')] };
    expect(drawGraph(positioned, 'right').edges.size).toBe(0);
  });
});
