/** A workflow's graph, read-only: as it is drawn, and lit up when an execution's states are given. */
import '@xyflow/react/dist/base.css';
import { Controls, type Edge, Handle, MarkerType, MiniMap, type Node, type NodeProps, Position, ReactFlow, type ReactFlowInstance } from '@xyflow/react';
import { memo, useEffect, useMemo, useRef } from 'react';
import type { CompiledGraph } from '../../../src/contract/workflows.ts';
import type { EdgeState, NodeState } from '../executions/graph-state.ts';
import { Icon } from '../ui/icon.tsx';
import { STEP_LOOK } from '../ui/tone.ts';
import { PHONE, useMedia } from '../ui/use-media.ts';
import { NODE_HEIGHT, NODE_WIDTH, placeNodes } from './graph-layout.ts';
import { nodeIcon } from './node-look.ts';
import styles from './graph-view.module.css';

interface Props {
  graph: CompiledGraph;
  selected: string | null;
  onSelect: (nodeId: string | null) => void;
  nodeStates?: ReadonlyMap<string, NodeState>;
  edgeStates?: ReadonlyMap<number, EdgeState>;
  /** Number of problems by node. */
  problems?: ReadonlyMap<string, number>;
}

interface NodeData extends Record<string, unknown> {
  label: string;
  type: string;
  join: string;
  state: NodeState | undefined;
  lit: boolean;
  problems: number;
  down: boolean;
}
type GraphNode = Node<NodeData, 'step'>;

const nodeTypes = { step: memo(StepNode) };
const SHOW_MAP_FROM = 25; // smaller graphs are seen whole

export function GraphView({ graph, selected, onSelect, nodeStates, edgeStates, problems }: Props) {
  const phone = useMedia(PHONE);
  const flow = useRef<ReactFlowInstance<GraphNode, Edge> | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const places = useMemo(() => placeNodes(graph, phone ? 'TB' : 'LR'), [graph, phone]);
  const nodes = useMemo(
    () =>
      graph.nodes.map(
        (node): GraphNode => ({
          id: node.id,
          type: 'step',
          position: places.get(node.id) ?? { x: 0, y: 0 },
          width: NODE_WIDTH,
          height: NODE_HEIGHT,
          selected: node.id === selected,
          ariaLabel: `${node.label}, ${node.type}${nodeStates ? `, ${STEP_LOOK[nodeStates.get(node.id)?.status ?? 'pending'].word}` : ''}`,
          data: {
            label: node.label,
            type: node.type,
            join: node.join,
            state: nodeStates?.get(node.id),
            lit: nodeStates !== undefined,
            problems: problems?.get(node.id) ?? 0,
            down: phone,
          },
        }),
      ),
    [graph, places, nodeStates, problems, selected, phone],
  );
  const edges = useMemo(() => graph.edges.map((edge) => drawEdge(edge, edgeStates?.get(edge.index))), [graph, edgeStates]);

  useEffect(() => {
    const place = box.current;
    if (!place) return;
    const resized = new ResizeObserver(() => void flow.current?.fitView(FIT));
    resized.observe(place);
    return () => resized.disconnect();
  }, []);
  useEffect(() => void requestAnimationFrame(() => void flow.current?.fitView(FIT)), [places]);

  return (
    <div className={styles['graph']} ref={box}>
      <ReactFlow<GraphNode, Edge>
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        onInit={(instance) => {
          flow.current = instance;
        }}
        fitView
        fitViewOptions={FIT}
        minZoom={0.15}
        maxZoom={1.6}
        nodesDraggable={false}
        nodesConnectable={false}
        edgesFocusable={false}
        deleteKeyCode={null}
        // A wheel over the graph scrolls the page; zooming is pinch, Ctrl-wheel or the buttons.
        zoomOnScroll={false}
        preventScrolling={false}
        zoomOnDoubleClick={false}
        onNodeClick={(_, node) => onSelect(node.id)}
        onSelectionChange={({ nodes: [node] }) => {
          if (node && node.id !== selected) onSelect(node.id);
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

const FIT = { padding: 0.12, maxZoom: 1.1 };

function StepNode({ data, selected }: NodeProps<GraphNode>) {
  const { state } = data;
  const look = data.lit ? STEP_LOOK[state?.status ?? 'pending'] : null;
  return (
    <div className={styles['node']} data-tone={look?.tone ?? 'none'} data-status={state?.status ?? (data.lit ? 'pending' : 'none')} data-selected={selected}>
      <Handle type="target" position={data.down ? Position.Top : Position.Left} isConnectable={false} className={styles['handle'] ?? ''} />
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
              {state && state.iteration > 1 && (
                <span className={styles['chip']} title={`Iteration ${state.iteration}`}>
                  <Icon name="loop" size={11} /> {state.iteration}
                </span>
              )}
              {state && state.attempt > 1 && <span className={styles['chip']}>try {state.attempt}</span>}
              {state?.items && (
                <span className={styles['chip']}>
                  {state.items.done}/{state.items.total}
                </span>
              )}
            </>
          ) : (
            <>
              {data.type}
              {data.join !== 'all' && <span className={styles['chip']}>{data.join}</span>}
            </>
          )}
        </span>
      </span>
      {data.problems > 0 && (
        <span className={styles['problems']} title={`${data.problems} problems`}>
          {data.problems}
        </span>
      )}
      <Handle type="source" position={data.down ? Position.Bottom : Position.Right} isConnectable={false} className={styles['handle'] ?? ''} />
    </div>
  );
}

function drawEdge(edge: CompiledGraph['edges'][number], state: EdgeState | undefined): Edge {
  const colour =
    state === 'taken' ? 'var(--ok)' : state === 'next' ? 'var(--run)' : edge.on === 'error' && state !== 'dead' ? 'var(--bad-line)' : state === 'dead' ? 'var(--border)' : 'var(--border-strong)';
  const condition = edge.when ?? (edge.otherwise ? 'otherwise' : '');
  const label = [edge.on === 'success' ? '' : `on ${edge.on}`, condition, edge.loop ? `up to ${edge.max ?? '?'}×` : ''].filter(Boolean).join(' · ');
  return {
    id: String(edge.index),
    source: edge.from,
    target: edge.to,
    type: edge.loop ? 'smoothstep' : 'default',
    label: label.length > 34 ? `${label.slice(0, 33)}…` : label,
    ariaLabel: `${edge.from} to ${edge.to}${label ? `, ${label}` : ''}${state ? `, ${state}` : ''}`,
    animated: state === 'next',
    style: { stroke: colour, strokeWidth: state === 'taken' ? 2 : 1.5, ...(edge.loop || state === 'dead' ? { strokeDasharray: state === 'dead' ? '2 4' : '6 4' } : {}) },
    markerEnd: { type: MarkerType.ArrowClosed, color: colour, width: 16, height: 16 },
    labelBgPadding: [5, 2],
    labelBgBorderRadius: 4,
    focusable: false,
    selectable: false,
  };
}
