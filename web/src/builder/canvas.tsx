/** The canvas: a view of the document. What is done on it goes to the reducer; only a drag under way lives here. */
import '@xyflow/react/dist/base.css';
import {
  Controls,
  type EdgeChange,
  type FinalConnectionState,
  MiniMap,
  type NodeChange,
  ReactFlow,
  type ReactFlowInstance,
} from '@xyflow/react';
import { type Dispatch, type DragEvent, type RefObject, useMemo, useRef, useState } from 'react';
import type { Problem } from '../../../src/contract/problem.ts';
import type { Point } from '../workflows/graph-drawing.ts';
import { NODE_HEIGHT, NODE_WIDTH } from '../workflows/graph-drawing.ts';
import { PHONE, useMedia } from '../ui/use-media.ts';
import type { BuilderAction, BuilderState } from './builder-state.ts';
import { canvasEdgeTypes, canvasNodeTypes } from './canvas-parts.tsx';
import { type CanvasEdge, type CanvasItem, edgeItems, frameItems, noteItems, stepItems } from './canvas-items.ts';
import { groupsOf } from './document.ts';
import { keyOf } from './edits.ts';
import { openingNodes } from './opening-view.ts';
import { countByNode, edgesWithErrors } from './problem-places.ts';
import { t } from '../words/words.ts';
import { FLOW_WORDS } from '../workflows/flow-words.ts';
import styles from './canvas.module.css';

export type CanvasFlow = ReactFlowInstance<CanvasItem, CanvasEdge>;
/** What the palette drags. */
export const NODE_DRAG = 'application/x-pointsman-node';
export const FIT = { padding: 0.15, maxZoom: 1 };
const DRAW_ALL_UP_TO = 150; // then Tab reaches every node; of more only what is seen is drawn, and `f` finds the rest
const FAR_BELOW = 0.35; // the words cannot be read any more, so only boxes are drawn
const SHOW_MAP_FROM = 6; // smaller graphs are seen whole

interface Props {
  state: BuilderState;
  dispatch: Dispatch<BuilderAction>;
  problems: readonly Problem[];
  flowRef: RefObject<CanvasFlow | null>;
  /** An edge was drawn to where nothing is: something may be put there. */
  onInsert: (after: string, at: Point) => void;
}

export function Canvas({ state, dispatch, problems, flowRef, onInsert }: Props) {
  const phone = useMedia(PHONE);
  const { document, selection } = state;
  const [dragged, setDragged] = useState<ReadonlyMap<string, Point> | null>(null);
  const box = useRef<HTMLDivElement>(null);

  const still = useMemo(
    (): CanvasItem[] => [...stepItems(document, countByNode(problems)), ...noteItems(document)],
    [document, problems],
  );
  const nodes = useMemo(() => {
    // Most of a large graph is neither selected nor dragged, and stays the same object.
    const standing = still.map((item) => {
      const position = dragged?.get(item.id);
      const selected = selection.has(item.id);
      if (!position && !selected) return item;
      return { ...item, position: position ?? item.position, selected } as CanvasItem; // a spread union is none
    });
    const placed = new Map(standing.map(({ id, position }) => [id, position]));
    const frames = frameItems(document, placed).map((frame) => ({ ...frame, selected: selection.has(frame.id) }));
    return [...frames, ...standing];
  }, [document, still, dragged, selection]);
  const edges = useMemo(
    () => edgeItems(document, edgesWithErrors(problems), selection),
    [document, problems, selection],
  );

  function onNodesChange(changes: NodeChange<CanvasItem>[]): void {
    reselect(changes);
    const moved = new Map(dragged ?? []);
    let ended = false;
    for (const change of changes) {
      if (change.type !== 'position') continue;
      ended ||= change.dragging !== true;
      if (!change.position) continue;
      if (change.id.startsWith('group:')) moveMembers(change.id, change.position, moved);
      else moved.set(change.id, change.position);
    }
    if (moved.size === 0) return;
    if (!ended) return setDragged(moved);
    setDragged(null);
    // By the keyboard every step ends at once; a row of them is one step back.
    dispatch({ type: 'edit', edit: { type: 'move', to: moved }, ...(dragged ? {} : { merge: 'nudge' }) });
  }

  /** The frame is where its nodes are, so moving it is moving them. */
  function moveMembers(frameKey: string, to: Point, into: Map<string, Point>): void {
    const at = (key: string): Point | undefined => nodes.find(({ id }) => id === key)?.position;
    const frame = at(frameKey);
    const group = groupsOf(document).find(({ id }) => keyOf('group', id) === frameKey);
    for (const id of group?.nodes ?? []) {
      const key = keyOf('node', id);
      const from = at(key);
      if (from && frame) into.set(key, { x: from.x + to.x - frame.x, y: from.y + to.y - frame.y });
    }
  }

  function reselect(changes: (NodeChange<CanvasItem> | EdgeChange<CanvasEdge>)[]): void {
    const picked = changes.filter((change) => change.type === 'select');
    if (picked.length === 0) return;
    dispatch({
      type: 'reselect',
      on: picked.filter(({ selected }) => selected).map(({ id }) => id),
      off: picked.filter(({ selected }) => !selected).map(({ id }) => id),
    });
  }

  function drop(event: DragEvent): void {
    const nodeType = event.dataTransfer.getData(NODE_DRAG);
    if (nodeType === '' || !flowRef.current) return;
    event.preventDefault();
    const at = flowRef.current.screenToFlowPosition({ x: event.clientX, y: event.clientY });
    const corner = { x: at.x - NODE_WIDTH / 2, y: at.y - NODE_HEIGHT / 2 };
    dispatch({ type: 'edit', edit: { type: 'add-node', nodeType, at: corner, after: null } });
  }

  function connectEnded(event: MouseEvent | TouchEvent, end: FinalConnectionState): void {
    if (end.isValid || end.toNode || !end.fromNode || end.fromHandle?.type !== 'source' || !flowRef.current) return;
    const point = 'changedTouches' in event ? event.changedTouches[0] : event;
    if (!point) return;
    const at = flowRef.current.screenToFlowPosition({ x: point.clientX, y: point.clientY });
    onInsert(end.fromNode.id.slice('node:'.length), { x: at.x, y: at.y - NODE_HEIGHT / 2 });
  }

  return (
    <div
      className={styles['canvas']}
      ref={box}
      data-canvas
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes(NODE_DRAG)) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = 'copy';
      }}
      onDrop={drop}
    >
      <ReactFlow<CanvasItem, CanvasEdge>
        ariaLabelConfig={FLOW_WORDS}
        aria-label={t('Canvas')}
        nodes={nodes}
        edges={edges}
        nodeTypes={canvasNodeTypes}
        edgeTypes={canvasEdgeTypes}
        onInit={(instance) => {
          flowRef.current = instance;
          const first = openingNodes(still, box.current?.getBoundingClientRect() ?? new DOMRect());
          // Not as a property: what it asks for is forgotten if every size was known before there was a viewport.
          void instance.fitView(first ? { ...FIT, nodes: first } : FIT);
        }}
        minZoom={0.1}
        maxZoom={1.8}
        deleteKeyCode={null}
        onlyRenderVisibleElements={still.length > DRAW_ALL_UP_TO}
        elevateNodesOnSelect={false}
        panOnScroll
        zoomOnDoubleClick={false}
        connectionRadius={28}
        multiSelectionKeyCode={['Meta', 'Control', 'Shift']}
        onNodesChange={onNodesChange}
        onEdgesChange={reselect}
        onConnect={({ source, target }) =>
          dispatch({
            type: 'edit',
            edit: { type: 'connect', from: source.slice('node:'.length), to: target.slice('node:'.length) },
          })
        }
        onConnectEnd={connectEnded}
        onPaneClick={() => dispatch({ type: 'select', selection: new Set() })}
        onViewportChange={({ zoom }) => {
          // Not through React: nothing but the looks depends on it, and it comes with every frame.
          if (box.current) box.current.dataset['far'] = String(zoom < FAR_BELOW);
        }}
        proOptions={{ hideAttribution: true }}
      >
        <Controls showInteractive={false} position="bottom-left" fitViewOptions={FIT} />
        {still.length >= SHOW_MAP_FROM && !phone && <MiniMap pannable zoomable ariaLabel={t('Map of the canvas')} />}
      </ReactFlow>
    </div>
  );
}
