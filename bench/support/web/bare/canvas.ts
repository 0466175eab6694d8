/** The floor of a canvas: the same library with as many plain nodes and edges, of which only those in sight are drawn. */
import { ReactFlow } from '@xyflow/react';
import css from '@xyflow/react/dist/style.css';
import { createElement } from 'react';
import { createRoot } from 'react-dom/client';

const { ids, edges, width, height, fit, minZoom } = JSON.parse(
  document.getElementById('given')?.textContent ?? '{}',
) as {
  ids: string[];
  edges: { from: string; to: string }[];
  width: number;
  height: number;
  fit: object;
  minZoom: number;
};
document.head.append(Object.assign(document.createElement('style'), { textContent: css }));
const place = document.createElement('div');
place.style.cssText = `width: ${width}px; height: ${height}px`;
document.body.append(place);
createRoot(place).render(
  createElement(ReactFlow, {
    nodes: ids.map((id, at) => ({
      id,
      position: { x: (at % 10) * 240, y: Math.floor(at / 10) * 120 },
      width: 184,
      height: 64,
      data: { label: id },
    })),
    edges: edges.map(({ from, to }, at) => ({ id: String(at), source: from, target: to })),
    fitView: true,
    fitViewOptions: fit,
    minZoom,
    onlyRenderVisibleElements: true,
    nodesDraggable: false,
    proOptions: { hideAttribution: true },
  }),
);
