/** A workflow's graph, read-only: as it is drawn, and lit up when an execution's states are given. */
import '@xyflow/react/dist/base.css';
import {
  BaseEdge,
  Controls,
  type Edge,
  type EdgeProps,
  Handle,
  MarkerType,
  MiniMap,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
  type ReactFlowInstance,
} from '@xyflow/react';
import { memo, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { CompiledGraph } from '../../../src/contract/workflows.ts';
import type { EdgeState, NodeState } from '../executions/graph-state.ts';
import { Icon } from '../ui/icon.tsx';
import { STEP_LOOK } from '../ui/tone.ts';
import { PHONE, useMedia } from '../ui/use-media.ts';
import { shortened } from '../ui/shortened.ts';
import { edgeLabel } from './edge-label.ts';
import { bestDrawing, type DrawnEdge, type GraphDrawing, NODE_HEIGHT, NODE_WIDTH } from './graph-drawing.ts';
import { nodeIcon } from './node-look.ts';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import { FLOW_WORDS } from './flow-words.ts';
import styles from './graph-view.module.css';

interface Props {
  graph: CompiledGraph;
  selected: string | null;
  onSelect: (nodeId: string | null) => void;
  nodeStates?: ReadonlyMap<string, NodeState>;
  edgeStates?: ReadonlyMap<number, EdgeState>;
  /** Number of problems by node. */
  problems?: ReadonlyMap<string, number>;
  /** What became of the parts, in a comparison of two versions. */
  marks?: GraphMarks | undefined;
}

interface NodeData extends Record<string, unknown> {
  label: string;
  type: string;
  join: string;
  state: NodeState | undefined;
  lit: boolean;
  problems: number;
  mark: Mark | undefined;
  down: boolean;
}
type GraphNode = Node<NodeData, 'step'>;

type GraphEdge = Edge<{ drawn: DrawnEdge }, 'route'>;

const nodeTypes = { step: memo(StepNode) };
const edgeTypes = { route: memo(RouteEdge) };
const SHOW_MAP_FROM = 25; // smaller graphs are seen whole
const ONLY_VISIBLE_FROM = 200; // below it, drawing what is out of sight costs less than drawing it again while panning

export function GraphView({ graph, selected, onSelect, nodeStates, edgeStates, problems, marks }: Props) {
  const phone = useMedia(PHONE);
  const flow = useRef<ReactFlowInstance<GraphNode, GraphEdge> | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState<{ width: number; height: number } | null>(null);
  // Drawn for the shape of its box, coarsely: a few pixels more do not turn a graph around.
  const width = roughly(size?.width);
  const height = roughly(size?.height);
  const drawing = useMemo(
    () => (width && height ? bestDrawing(graph, { width, height }) : null),
    [graph, width, height],
  );
  const nodes = useMemo(
    () =>
      (drawing ? graph.nodes : []).map((node): GraphNode => ({
        id: node.id,
        type: 'step',
        position: drawing?.nodes.get(node.id) ?? { x: 0, y: 0 },
        width: NODE_WIDTH,
        height: NODE_HEIGHT,
        selected: node.id === selected,
        ariaLabel: `${node.label}, ${node.type}${marks ? `, ${marks.nodes.get(node.id) ?? t('unchanged')}` : ''}${nodeStates ? `, ${STEP_LOOK[nodeStates.get(node.id)?.status ?? 'pending'].word}` : ''}`,
        data: {
          label: node.label,
          type: node.type,
          join: node.join,
          state: nodeStates?.get(node.id),
          lit: nodeStates !== undefined,
          problems: problems?.get(node.id) ?? 0,
          mark: marks?.nodes.get(node.id),
          down: drawing?.direction === 'down',
        },
      })),
    [graph, drawing, nodeStates, problems, marks, selected],
  );
  const edges = useMemo(
    () =>
      drawing
        ? graph.edges.flatMap((edge) =>
            drawEdge(edge, drawing, {
              state: edgeStates?.get(edge.index),
              mark: marks?.edges.get(edge.index),
              rounds: roundsOf(edge, graph, nodeStates),
            }),
          )
        : [],
    [graph, drawing, nodeStates, edgeStates, marks],
  );

  useLayoutEffect(() => {
    const place = box.current;
    if (!place) return;
    const measure = (): void => setSize({ width: place.clientWidth, height: place.clientHeight });
    measure();
    const resized = new ResizeObserver(measure);
    resized.observe(place);
    return () => resized.disconnect();
  }, []);
  useEffect(() => {
    const frame = requestAnimationFrame(() => void flow.current?.fitView(FIT));
    return () => cancelAnimationFrame(frame);
  }, [drawing, size]);

  return (
    <div className={styles['graph']} ref={box}>
      <ReactFlow<GraphNode, GraphEdge>
        ariaLabelConfig={FLOW_WORDS}
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        onInit={(instance) => {
          flow.current = instance;
        }}
        fitView
        fitViewOptions={FIT}
        minZoom={0.15}
        maxZoom={1.6}
        onlyRenderVisibleElements={graph.nodes.length >= ONLY_VISIBLE_FROM}
        nodesDraggable={false}
        nodesConnectable={false}
        edgesFocusable={false}
        deleteKeyCode={null}
        // A wheel over the graph scrolls the page; zooming is pinch, Ctrl-wheel or the buttons.
        zoomOnScroll={false}
        preventScrolling={false}
        zoomOnDoubleClick={false}
        onNodesChange={(changes) => {
          // By mouse or by keyboard; the answer comes back through `selected`.
          const chosen = changes.find((change) => change.type === 'select' && change.selected);
          if (chosen?.type === 'select') onSelect(chosen.id);
        }}
        onPaneClick={() => onSelect(null)}
        proOptions={{ hideAttribution: true }}
      >
        <Controls showInteractive={false} position="bottom-left" fitViewOptions={FIT} />
        {graph.nodes.length >= SHOW_MAP_FROM && !phone && <MiniMap pannable zoomable />}
      </ReactFlow>
    </div>
  );
}

const roughly = (pixels = 0): number => Math.round(pixels / 80) * 80;

export type Mark = 'added' | 'removed' | 'changed';
export interface GraphMarks {
  nodes: ReadonlyMap<string, Mark>;
  edges: ReadonlyMap<number, Mark>;
}
export const MARK_ICONS = { added: 'plus', removed: 'dash', changed: 'edit' } as const;
const MARK_COLOURS = { added: 'var(--ok)', removed: 'var(--bad)', changed: 'var(--warn)' } as const;

const FIT = { padding: 0.12, maxZoom: 1.1 };

function StepNode({ data, selected }: NodeProps<GraphNode>) {
  const { state } = data;
  const look = data.lit ? STEP_LOOK[state?.status ?? 'pending'] : null;
  return (
    <div
      className={styles['node']}
      data-tone={look?.tone ?? 'none'}
      data-status={state?.status ?? (data.lit ? 'pending' : 'none')}
      data-selected={selected}
      data-mark={data.mark}
    >
      <Handle
        type="target"
        position={data.down ? Position.Top : Position.Left}
        isConnectable={false}
        className={styles['handle'] ?? ''}
      />
      <span className={styles['icon']}>
        <Icon name={nodeIcon(data.type)} size={17} />
      </span>
      <span className={styles['text']}>
        <b title={data.label}>{data.label}</b>
        <span className={styles['sub']}>
          {look ? (
            <>
              <Icon name={look.icon} size={12} className={look.moving ? styles['moving'] : undefined} />
              {look.word}
              {data.mark && (
                <span className={styles['chip']} title={data.mark}>
                  <Icon name={MARK_ICONS[data.mark]} size={11} />
                </span>
              )}
              {state && state.iteration > 1 && (
                <span className={styles['chip']} title={t('Iteration {iteration}', { iteration: state.iteration })}>
                  <Icon name="loop" size={11} /> {state.iteration}
                </span>
              )}
              {state && state.attempt > 1 && (
                <span className={styles['chip']}>{rich('try {attempt}', { attempt: state.attempt })}</span>
              )}
              {state?.items && (
                <span className={styles['chip']}>
                  {state.items.done}/{state.items.total}
                </span>
              )}
            </>
          ) : (
            <>
              {!data.mark && data.type}
              {!data.mark && data.join !== 'all' && <span className={styles['chip']}>{data.join}</span>}
              {data.mark && (
                <span className={styles['mark']}>
                  <Icon name={MARK_ICONS[data.mark]} size={11} /> {data.mark}
                </span>
              )}
            </>
          )}
        </span>
      </span>
      {state?.items && (
        <span className={styles['items']} aria-hidden="true">
          <i style={{ transform: `scaleX(${state.items.done / Math.max(1, state.items.total)})` }} />
        </span>
      )}
      {data.problems > 0 && (
        <span className={styles['problems']} title={t('{problems} problems', { problems: data.problems })}>
          {data.problems}
        </span>
      )}
      <Handle
        type="source"
        position={data.down ? Position.Bottom : Position.Right}
        isConnectable={false}
        className={styles['handle'] ?? ''}
      />
    </div>
  );
}

function RouteEdge({ data, label, style, markerEnd }: EdgeProps<GraphEdge>) {
  if (!data) return null;
  return (
    <BaseEdge
      path={data.drawn.path}
      label={typeof label === 'string' ? shortened(label, data.drawn.fits) : label}
      labelX={data.drawn.label.x}
      labelY={data.drawn.label.y}
      labelBgPadding={[5, 2]}
      labelBgBorderRadius={4}
      {...(style ? { style } : {})}
      {...(markerEnd ? { markerEnd } : {})}
    />
  );
}

/** How often a way back was taken; where several lead to the same node nobody can tell which. */
function roundsOf(edge: CompiledGraph['edges'][number], graph: CompiledGraph, states: Props['nodeStates']): number {
  if (!edge.loop || graph.edges.filter(({ loop, to }) => loop && to === edge.to).length > 1) return 0;
  return (states?.get(edge.to)?.iteration ?? 1) - 1;
}

function drawEdge(
  edge: CompiledGraph['edges'][number],
  drawing: GraphDrawing,
  { state, mark, rounds }: { state: EdgeState | undefined; mark: Mark | undefined; rounds: number },
): GraphEdge[] {
  const drawn = drawing.edges.get(edge.index);
  if (!drawn) return [];
  const colour = mark
    ? MARK_COLOURS[mark]
    : state === 'taken'
      ? 'var(--ok)'
      : state === 'next'
        ? 'var(--run)'
        : state === 'dead'
          ? 'var(--border-strong)'
          : edge.on === 'error'
            ? 'var(--bad-line)'
            : 'var(--border-strong)';
  const label = [mark, edgeLabel(edge), rounds > 0 && t('taken {rounds}×', { rounds })].filter(Boolean).join(' · ');
  const dashes = mark === 'removed' ? '3 4' : state === 'dead' ? '2 4' : edge.loop ? '6 4' : null;
  return [
    {
      id: String(edge.index),
      source: edge.from,
      target: edge.to,
      type: 'route',
      data: { drawn },
      label,
      ariaLabel: t('{from} to {to}{value}{value2}', {
        from: edge.from,
        to: edge.to,
        value: label ? `, ${label}` : '',
        value2: state ? `, ${state}` : '',
      }),
      animated: state === 'next',
      style: {
        stroke: colour,
        strokeWidth: state === 'taken' ? 2 : 1.5,
        ...(dashes && state !== 'next' ? { strokeDasharray: dashes } : {}),
      },
      markerEnd: { type: MarkerType.ArrowClosed, color: colour, width: 16, height: 16 },
      focusable: false,
      selectable: false,
    },
  ];
}
