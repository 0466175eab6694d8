/**
 * How panels lie on a desk: groups of panels with tabs, split beside and below each other. Pure; it knows neither the
 * server nor the library that draws it.
 */

/** A kind that this version does not know keeps its place, so that a newer version finds it again. */
export interface DeskPanel {
  kind: string;
  /** The agent or the execution; none for what is there once. */
  of?: string;
  /** What it was called when it was put there: said when it is gone. */
  name?: string;
}

export interface DeskGroup {
  panels: readonly DeskPanel[];
  /** Which of them is in front. */
  shown: number;
}

export interface DeskSplit {
  /** `row`: beside each other; `column`: below each other. */
  across: 'row' | 'column';
  /** Their shares make up one. */
  parts: readonly { share: number; node: DeskNode }[];
}

export type DeskNode = DeskGroup | DeskSplit;
/** Null: nothing lies there. */
export type DeskLayout = DeskNode | null;
export type Side = 'left' | 'right' | 'above' | 'below';

export const isSplit = (node: DeskNode): node is DeskSplit => 'parts' in node;
export const panelKey = ({ kind, of }: DeskPanel): string => (of === undefined ? kind : `${kind}:${of}`);
export const groupOf = (panel: DeskPanel): DeskGroup => ({ panels: [panel], shown: 0 });

/** As they are read: along rows, then down. */
export function groupsOf(layout: DeskLayout): DeskGroup[] {
  if (!layout) return [];
  return isSplit(layout) ? layout.parts.flatMap(({ node }) => groupsOf(node)) : [layout];
}

export const panelsOf = (layout: DeskLayout): DeskPanel[] => groupsOf(layout).flatMap(({ panels }) => panels);

const holds = (group: DeskGroup, key: string): boolean => group.panels.some((panel) => panelKey(panel) === key);

export const groupWith = (layout: DeskLayout, key: string): DeskGroup | undefined =>
  groupsOf(layout).find((group) => holds(group, key));

/** In front of its group. */
export function shownPanel(layout: DeskLayout, key: string): DeskLayout {
  return eachGroup(layout, (group) =>
    holds(group, key) ? { ...group, shown: group.panels.findIndex((panel) => panelKey(panel) === key) } : group,
  );
}

export function withoutPanel(layout: DeskLayout, key: string): DeskLayout {
  return eachGroup(layout, (group) => {
    const at = group.panels.findIndex((panel) => panelKey(panel) === key);
    if (at === -1) return group;
    const panels = group.panels.toSpliced(at, 1);
    return { panels, shown: Math.min(at < group.shown ? group.shown - 1 : group.shown, panels.length - 1) };
  });
}

/** A tab of the group that holds `key`, in front. */
export function besidesIn(layout: DeskLayout, panel: DeskPanel, key: string): DeskLayout {
  return eachGroup(layout, (group) =>
    holds(group, key) ? { panels: [...group.panels, panel], shown: group.panels.length } : group,
  );
}

/** A group of its own, at one side of the group that holds `key`. */
export function splitBeside(
  layout: DeskLayout,
  panel: DeskPanel,
  { key, side }: { key: string; side: Side },
): DeskLayout {
  const place = (node: DeskNode): DeskNode => {
    if (isSplit(node)) return { ...node, parts: node.parts.map((part) => ({ ...part, node: place(part.node) })) };
    return holds(node, key) ? atSide(node, groupOf(panel), { side, share: 0.5 }) : node;
  };
  return layout && tidy(place(layout));
}

/** Along one whole side of the desk. */
export function splitEdge(layout: DeskLayout, panel: DeskPanel, side: Side): DeskLayout {
  return layout ? tidy(atSide(layout, groupOf(panel), { side, share: 0.3 })) : groupOf(panel);
}

/** What a new group needs to be of use, in pixels. */
const LEAST = { width: 420, height: 240 };

/** Puts panels where there is most room; those that are there already come to the front. */
export function withPanels(
  layout: DeskLayout,
  panels: readonly DeskPanel[],
  { width, height }: { width: number; height: number },
): DeskLayout {
  let result = layout;
  for (const panel of panels) {
    const key = panelKey(panel);
    if (groupWith(result, key)) result = shownPanel(result, key);
    else if (!result) result = groupOf(panel);
    else {
      const [largest] = boxesOf(result, { width, height }).toSorted((a, b) => b.width * b.height - a.width * a.height);
      const beside = largest && panelKey(largest.group.panels[0] ?? panel);
      if (!largest || beside === undefined) continue;
      if (largest.width >= 2 * LEAST.width && largest.width >= largest.height)
        result = splitBeside(result, panel, { key: beside, side: 'right' });
      else if (largest.height >= 2 * LEAST.height) result = splitBeside(result, panel, { key: beside, side: 'below' });
      else result = besidesIn(result, panel, beside);
    }
  }
  return result;
}

/** How large each group is on a desk of this size. */
export function boxesOf(
  layout: DeskLayout,
  { width, height }: { width: number; height: number },
): { group: DeskGroup; width: number; height: number }[] {
  if (!layout) return [];
  if (!isSplit(layout)) return [{ group: layout, width, height }];
  return layout.parts.flatMap(({ share, node }) =>
    boxesOf(node, layout.across === 'row' ? { width: width * share, height } : { width, height: height * share }),
  );
}

/**
 * Moves a panel to a side by keyboard: out of its tabs first; alone, past the neighbour there; and where none is, along
 * the whole side of the desk.
 */
export function movedPanel(layout: DeskLayout, key: string, side: Side): DeskLayout {
  const group = groupWith(layout, key);
  const panel = group?.panels.find((each) => panelKey(each) === key);
  if (!layout || !group || !panel) return layout;
  const [neighbour] = group.panels.filter((each) => each !== panel);
  if (neighbour) return splitBeside(withoutPanel(layout, key), panel, { key: panelKey(neighbour), side });
  const swapped = pastNeighbour(layout, key, side);
  if (swapped) return tidy(swapped);
  const rest = withoutPanel(layout, key);
  return rest ? splitEdge(rest, panel, side) : layout;
}

/** Into the next group, as a tab in front of it. */
export function joinedPanel(layout: DeskLayout, key: string): DeskLayout {
  const groups = groupsOf(layout);
  const at = groups.findIndex((group) => holds(group, key));
  const panel = groups[at]?.panels.find((each) => panelKey(each) === key);
  const next = groups[(at + 1) % groups.length]?.panels[0];
  if (at === -1 || groups.length < 2 || !panel || !next) return layout;
  return besidesIn(withoutPanel(layout, key), panel, panelKey(next));
}

const LEAST_SHARE = 0.08;

/** Its share of what it was split from, times a factor; the others give or get the rest. */
export function grownPanel(layout: DeskLayout, key: string, factor: number): DeskLayout {
  if (!layout || !isSplit(layout)) return layout;
  const at = layout.parts.findIndex(({ node }) => groupWith(node, key));
  const part = layout.parts[at];
  if (!part) return layout;
  if (isSplit(part.node))
    return {
      ...layout,
      parts: layout.parts.with(at, { ...part, node: grownPanel(part.node, key, factor) ?? part.node }),
    };
  const most = 1 - LEAST_SHARE * (layout.parts.length - 1);
  const share = Math.min(most, Math.max(LEAST_SHARE, part.share * factor));
  const rest = (1 - share) / (1 - part.share);
  return {
    ...layout,
    parts: layout.parts.map((each, index) => ({ ...each, share: index === at ? share : each.share * rest })),
  };
}

/** The same groups in the same places with the same panels in front; how large they are may differ. */
export const sameShape = (a: DeskLayout, b: DeskLayout): boolean => shapeOf(a) === shapeOf(b);

function shapeOf(layout: DeskLayout): string {
  if (!layout) return '';
  if (!isSplit(layout)) return `[${layout.panels.map(panelKey).join(' ')}|${layout.shown}]`;
  return `${layout.across}(${layout.parts.map(({ node }) => shapeOf(node)).join()})`;
}

/** Without empty groups, splits of one, and splits within a split of the same direction. */
export function tidy(node: DeskNode): DeskLayout {
  if (!isSplit(node)) return node.panels.length > 0 ? node : null;
  const parts = node.parts.flatMap(({ share, node: inner }): DeskSplit['parts'][number][] => {
    const tidied = tidy(inner);
    if (!tidied) return [];
    if (isSplit(tidied) && tidied.across === node.across)
      return tidied.parts.map((part) => ({ ...part, share: part.share * share }));
    return [{ share, node: tidied }];
  });
  if (parts.length < 2) return parts[0]?.node ?? null;
  const whole = parts.reduce((sum, { share }) => sum + share, 0);
  return { across: node.across, parts: parts.map((part) => ({ ...part, share: part.share / whole })) };
}

function eachGroup(layout: DeskLayout, change: (group: DeskGroup) => DeskGroup): DeskLayout {
  const walk = (node: DeskNode): DeskNode =>
    isSplit(node) ? { ...node, parts: node.parts.map((part) => ({ ...part, node: walk(part.node) })) } : change(node);
  return layout && tidy(walk(layout));
}

const acrossOf = (side: Side): DeskSplit['across'] => (side === 'left' || side === 'right' ? 'row' : 'column');
const isBefore = (side: Side): boolean => side === 'left' || side === 'above';

function atSide(node: DeskNode, added: DeskGroup, { side, share }: { side: Side; share: number }): DeskSplit {
  const parts = [
    { share, node: added },
    { share: 1 - share, node },
  ];
  return { across: acrossOf(side), parts: isBefore(side) ? parts : parts.toReversed() };
}

/** Null when nobody is at that side. */
function pastNeighbour(node: DeskNode, key: string, side: Side): DeskNode | null {
  if (!isSplit(node)) return null;
  const at = node.parts.findIndex((part) => groupWith(part.node, key));
  const part = node.parts[at];
  if (!part) return null;
  const inner = pastNeighbour(part.node, key, side);
  if (inner) return { ...node, parts: node.parts.with(at, { ...part, node: inner }) };
  const to = at + (isBefore(side) ? -1 : 1);
  const other = node.parts[to];
  // Only the panel itself goes past; a whole column that it is part of stays.
  if (node.across !== acrossOf(side) || !other || isSplit(part.node)) return null;
  return { ...node, parts: node.parts.with(at, other).with(to, part) };
}
