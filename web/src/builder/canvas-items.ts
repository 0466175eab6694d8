/** What the canvas draws, from the document: nodes, notes, frames around groups, edges; pure. */
import { type Edge, MarkerType, type Node, Position } from '@xyflow/react';
import { edgeLabel } from '../workflows/edge-label.ts';
import { NODE_HEIGHT, NODE_WIDTH, type Point } from '../workflows/graph-drawing.ts';
import { type Doc, groupsOf, notesOf } from './document.ts';
import { keyOf, NOTE_HEIGHT } from './edits.ts';
import { kindLabel } from './node-kinds.ts';
import { graphOf, placesOf } from './placing.ts';
import type { ProblemCount } from './problem-places.ts';
import { plural, t } from '../words/words.ts';

export interface StepData extends Record<string, unknown> {
  label: string;
  type: string;
  join: string;
  errors: number;
  warnings: number;
}
export interface NoteData extends Record<string, unknown> {
  text: string;
}
export interface FrameData extends Record<string, unknown> {
  title: string;
}
export interface RouteData extends Record<string, unknown> {
  loop: boolean;
  wrong: boolean;
}
export type StepItem = Node<StepData, 'step'>;
export type NoteItem = Node<NoteData, 'note'>;
export type FrameItem = Node<FrameData, 'frame'>;
export type CanvasItem = StepItem | NoteItem | FrameItem;
export type CanvasEdge = Edge<RouteData, 'route'>;

export const NOTE_WIDTH = 200;
const FRAME_PADDING = 22;
const FRAME_TITLE = 30;

const HANDLE = { width: 14, height: 14 };
const HANDLES: NonNullable<StepItem['handles']> = [
  { type: 'target', position: Position.Left, x: -7, y: NODE_HEIGHT / 2 - 7, ...HANDLE },
  { type: 'source', position: Position.Right, x: NODE_WIDTH - 7, y: NODE_HEIGHT / 2 - 7, ...HANDLE },
];

export function stepItems(document: Doc, problems: ReadonlyMap<string, ProblemCount>): StepItem[] {
  const places = placesOf(document);
  return graphOf(document).nodes.map((node) => {
    const { errors, warnings } = problems.get(node.id) ?? { errors: 0, warnings: 0 };
    const trouble = errors > 0 ? `, ${plural(errors, 'error')}` : '';
    return {
      id: keyOf('node', node.id),
      type: 'step',
      position: places.get(node.id) ?? { x: 0, y: 0 },
      ...sized(NODE_WIDTH, NODE_HEIGHT),
      handles: HANDLES,
      ariaLabel: `${node.label}, ${kindLabel(node.type)}${trouble}`,
      data: { label: node.label, type: node.type, join: node.join, errors, warnings },
    };
  });
}

export function noteItems(document: Doc): NoteItem[] {
  return notesOf(document).map((note) => ({
    id: keyOf('note', note.id),
    type: 'note',
    position: note.at,
    ...sized(NOTE_WIDTH, NOTE_HEIGHT),
    ariaLabel: t('Note: {text}', { text: note.text || 'empty' }),
    data: { text: note.text },
  }));
}

/** Around the nodes as they stand now, also while they are being dragged. */
export function frameItems(document: Doc, placed: ReadonlyMap<string, Point>): FrameItem[] {
  return groupsOf(document).flatMap((group): FrameItem[] => {
    const corners = group.nodes.flatMap((id) => placed.get(keyOf('node', id)) ?? []);
    if (corners.length === 0) return [];
    const left = Math.min(...corners.map(({ x }) => x)) - FRAME_PADDING;
    const top = Math.min(...corners.map(({ y }) => y)) - FRAME_PADDING - FRAME_TITLE;
    const right = Math.max(...corners.map(({ x }) => x)) + NODE_WIDTH + FRAME_PADDING;
    const bottom = Math.max(...corners.map(({ y }) => y)) + NODE_HEIGHT + FRAME_PADDING;
    return [
      {
        id: keyOf('group', group.id),
        type: 'frame',
        position: { x: left, y: top },
        ...sized(right - left, bottom - top),
        // Before all nodes in the list, so below them; above the edges, so that its title can be taken.
        zIndex: 0,
        dragHandle: '[data-frame-title]',
        style: { pointerEvents: 'none' },
        ariaLabel: t('Group {title}', { title: group.title }),
        data: { title: group.title },
      },
    ];
  });
}

export function edgeItems(document: Doc, wrong: ReadonlySet<number>, selection: ReadonlySet<string>): CanvasEdge[] {
  return graphOf(document).edges.map((edge) => {
    const id = keyOf('edge', edge.index);
    const selected = selection.has(id);
    const colour = selected
      ? 'var(--accent)'
      : wrong.has(edge.index)
        ? 'var(--bad)'
        : edge.on === 'error'
          ? 'var(--bad-line)'
          : 'var(--edge)';
    const label = edgeLabel(edge);
    return {
      id,
      type: 'route',
      source: keyOf('node', edge.from),
      target: keyOf('node', edge.to),
      selected,
      label,
      ariaLabel: t('Edge from {from} to {to}{value}', {
        from: edge.from,
        to: edge.to,
        value: label ? `, ${label}` : '',
      }),
      data: { loop: edge.loop, wrong: wrong.has(edge.index) },
      style: { stroke: colour, strokeWidth: selected ? 2 : 1.5, ...(edge.loop ? { strokeDasharray: '6 4' } : {}) },
      markerEnd: { type: MarkerType.ArrowClosed, color: colour, width: 16, height: 16 },
    };
  });
}

const sized = (width: number, height: number) => ({ width, height, measured: { width, height } });
