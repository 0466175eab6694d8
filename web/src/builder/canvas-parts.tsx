/** How a node, a note, a frame and an edge look on the canvas. */
import {
  BaseEdge,
  EdgeLabelRenderer,
  type EdgeProps,
  getBezierPath,
  Handle,
  type NodeProps,
  Position,
} from '@xyflow/react';
import { memo } from 'react';
import { Icon } from '../ui/icon.tsx';
import { cornered, NODE_HEIGHT, NODE_WIDTH } from '../workflows/graph-drawing.ts';
import { nodeIcon } from '../workflows/node-look.ts';
import type { CanvasEdge, FrameItem, NoteItem, StepItem } from './canvas-items.ts';
import { kindLabel } from './node-kinds.ts';
import { t } from '../words/words.ts';
import styles from './canvas.module.css';

function StepBox({ data, selected }: NodeProps<StepItem>) {
  const trouble = data.errors > 0 ? 'error' : data.warnings > 0 ? 'warning' : 'none';
  return (
    <div className={styles['node']} data-type={data.type} data-selected={selected} data-trouble={trouble}>
      <Handle type="target" position={Position.Left} className={styles['handle'] ?? ''} />
      <span className={styles['icon']}>
        <Icon name={nodeIcon(data.type)} size={17} />
      </span>
      <span className={styles['text']}>
        <b title={data.label}>{data.label}</b>
        <span>
          {kindLabel(data.type)}
          {data.join !== 'all' && <em>{data.join}</em>}
        </span>
      </span>
      {trouble !== 'none' && (
        <span className={styles['trouble']} title={trouble === 'error' ? t('Errors') : t('Warnings')}>
          <Icon name="alert" size={11} />
          {data.errors || data.warnings}
        </span>
      )}
      <Handle type="source" position={Position.Right} className={styles['handle'] ?? ''} />
    </div>
  );
}

function NoteBox({ data, selected }: NodeProps<NoteItem>) {
  return (
    <div className={styles['note']} data-selected={selected}>
      {data.text || <i>{t('An empty note')}</i>}
    </div>
  );
}

function FrameBox({ data, selected }: NodeProps<FrameItem>) {
  return (
    <div className={styles['frame']} data-selected={selected}>
      <span data-frame-title>{data.title || t('Group')}</span>
    </div>
  );
}

const DIP = 44; // how far below its nodes a loop goes back

function RouteEdge({
  sourceX,
  sourceY,
  targetX,
  targetY,
  data,
  label,
  style,
  markerEnd,
  selected,
}: EdgeProps<CanvasEdge>) {
  const back = data?.loop || targetX < sourceX - NODE_WIDTH / 2;
  let path: string;
  let at: { x: number; y: number };
  if (back) {
    const from = { x: sourceX - NODE_WIDTH / 2 + 18, y: sourceY + NODE_HEIGHT / 2 };
    const to = { x: targetX + NODE_WIDTH / 2 - 18, y: targetY + NODE_HEIGHT / 2 };
    const low = Math.max(from.y, to.y) + DIP;
    path = cornered([from, { x: from.x, y: low }, { x: to.x, y: low }, to]);
    at = { x: (from.x + to.x) / 2, y: low };
  } else {
    const [line, x, y] = getBezierPath({
      sourceX,
      sourceY,
      sourcePosition: Position.Right,
      targetX,
      targetY,
      targetPosition: Position.Left,
    });
    path = line;
    at = { x, y };
  }
  return (
    <>
      <BaseEdge path={path} {...(style ? { style } : {})} {...(markerEnd ? { markerEnd } : {})} />
      {label && (
        <EdgeLabelRenderer>
          <span
            className={styles['label']}
            data-selected={selected}
            data-wrong={data?.wrong}
            style={{ transform: `translate(-50%, -50%) translate(${at.x}px, ${at.y}px)` }}
          >
            {label}
          </span>
        </EdgeLabelRenderer>
      )}
    </>
  );
}

/** Every edit makes all items anew, and most of them look as before. */
const looksSame = (a: Pick<NodeProps, 'data' | 'selected'>, b: Pick<NodeProps, 'data' | 'selected'>): boolean =>
  a.selected === b.selected && Object.keys(a.data).every((key) => a.data[key] === b.data[key]);

export const canvasNodeTypes = {
  step: memo(StepBox, looksSame),
  note: memo(NoteBox, looksSame),
  frame: memo(FrameBox, looksSame),
};
export const canvasEdgeTypes = { route: memo(RouteEdge) };
