/** Brings a node or an edge into view when it is not; what is seen already stays where it is. */
import { NODE_HEIGHT, NODE_WIDTH } from '../workflows/graph-drawing.ts';
import { type CanvasFlow, FIT } from './canvas.tsx';
import { READABLE } from './opening-view.ts';

export function reveal(flow: CanvasFlow | null, key: string): void {
  // A new node is known to the canvas only after it was drawn.
  requestAnimationFrame(() => {
    const node = flow?.getNode(key) ?? flow?.getNode(flow.getEdge(key)?.target ?? '');
    const box = document.querySelector('[data-canvas]')?.getBoundingClientRect();
    if (!flow || !node || !box) return;
    const from = flow.flowToScreenPosition(node.position);
    const to = flow.flowToScreenPosition({ x: node.position.x + NODE_WIDTH, y: node.position.y + NODE_HEIGHT });
    const seen = from.x >= box.left && from.y >= box.top && to.x <= box.right && to.y <= box.bottom;
    if (seen && flow.getZoom() >= READABLE) return;
    const whole = flow.getNodesBounds(flow.getNodes());
    if (Math.min(box.width / whole.width, box.height / whole.height) > READABLE) return void flow.fitView(FIT);
    void flow.setCenter(node.position.x + NODE_WIDTH / 2, node.position.y + NODE_HEIGHT / 2, {
      zoom: Math.max(flow.getZoom(), READABLE),
    });
  });
}
