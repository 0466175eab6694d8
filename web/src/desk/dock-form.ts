/** A layout as the library that draws it writes it, there and back. Pure: it knows that library's form and none of its code. */
import type { SerializedDockview } from 'dockview';
import {
  type DeskGroup,
  type DeskLayout,
  type DeskNode,
  type DeskPanel,
  isSplit,
  panelKey,
  tidy,
} from './desk-layout.ts';

type GridObject = SerializedDockview['grid']['root'];
type GroupState = Exclude<GridObject['data'], readonly unknown[]>;

/** Sizes are of this desk; it is laid out anew for the room there is. */
export function toDock(layout: DeskNode, size: { width: number; height: number }): SerializedDockview {
  const panels: SerializedDockview['panels'] = {};
  let groups = 0;
  const leaf = (group: DeskGroup): GroupState => {
    for (const panel of group.panels) {
      const id = panelKey(panel);
      panels[id] = { id, contentComponent: 'panel', tabComponent: 'panel', title: id, params: { panel } };
    }
    groups += 1;
    const activeView = group.panels[group.shown] ?? group.panels[0];
    return {
      id: `group ${groups}`,
      views: group.panels.map(panelKey),
      ...(activeView ? { activeView: panelKey(activeView) } : {}),
    };
  };
  const draw = (node: DeskNode, box: { width: number; height: number; along: number }): GridObject => {
    if (!isSplit(node)) return { type: 'leaf', size: box.along, data: leaf(node) };
    return {
      type: 'branch',
      size: box.along,
      data: node.parts.map(({ share, node: inner }) =>
        node.across === 'row'
          ? draw(inner, { width: box.width * share, height: box.height, along: box.width * share })
          : draw(inner, { width: box.width, height: box.height * share, along: box.height * share }),
      ),
    };
  };
  // The library's levels alternate in direction, as ours do once tidied; its root is never a group.
  const root = isSplit(layout) ? layout : { across: 'row' as const, parts: [{ share: 1, node: layout }] };
  const across = root.across === 'row' ? size.height : size.width;
  return {
    grid: {
      root: draw(root, { ...size, along: across }),
      ...size,
      // Its own constants are part of its code, which is not loaded for this.
      orientation: (root.across === 'row' ? 'HORIZONTAL' : 'VERTICAL') as SerializedDockview['grid']['orientation'],
    },
    panels,
  };
}

export function fromDock({ grid, panels }: Pick<SerializedDockview, 'grid' | 'panels'>): DeskLayout {
  const read = (object: GridObject, across: 'row' | 'column'): DeskNode | null => {
    if (!Array.isArray(object.data)) {
      const { views, activeView } = object.data;
      const held = views.flatMap((id): DeskPanel[] => {
        const panel: unknown = panels[id]?.params?.['panel'];
        return panel ? [panel as DeskPanel] : []; // put there by `toDock`
      });
      const shown = held.findIndex((panel) => panelKey(panel) === activeView);
      return held.length > 0 ? { panels: held, shown: Math.max(0, shown) } : null;
    }
    const whole = object.data.reduce((sum, { size = 0 }) => sum + size, 0);
    const parts = object.data.flatMap((child) => {
      const node = read(child, across === 'row' ? 'column' : 'row');
      return node ? [{ share: round((child.size ?? 0) / (whole || 1)) || 0.001, node }] : [];
    });
    return parts.length > 0 ? { across, parts } : null;
  };
  const node = read(grid.root, String(grid.orientation) === 'HORIZONTAL' ? 'row' : 'column');
  return node && rounded(tidy(node));
}

function rounded(layout: DeskLayout): DeskLayout {
  if (!layout || !isSplit(layout)) return layout;
  return {
    ...layout,
    parts: layout.parts.map(({ share, node }) => ({ share: round(share), node: rounded(node) ?? node })),
  };
}

/** A thousandth of a desk is no pixel that anybody misses. */
const round = (share: number): number => Math.round(share * 1000) / 1000;
