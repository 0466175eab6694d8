/**
 * The rules of docs/workflows.md read off the page, without any cleverness: every node and every loop is looked at again
 * and again until nothing moves. It knows no events and no order, shares nothing with settle, and is only good for tests.
 */

export interface OracleNode {
  id: string;
  kind: 'shell' | 'approval' | 'map';
  /** Retries after the first attempt, of the node or of each item. */
  retries: number;
  continues: boolean;
  /** 0: all. */
  quorum: number;
  /** Of a map. */
  items: number;
  itemContinues: boolean;
}

export interface OracleEdge {
  from: number;
  to: number;
  on: 'success' | 'error' | 'any';
  /** `back`: a `when` that reads what the source said; a join that cannot fire says nothing. */
  kind: 'plain' | 'true' | 'false' | 'back' | 'otherwise';
  /** Makes it a loop edge. */
  max?: number;
}

export interface OracleGraph {
  nodes: OracleNode[];
  edges: OracleEdge[];
}

/** How attempts go; an approval is answered with a rejection where it `fails`. */
export interface Fate {
  fails(nodeId: string, iteration: number, item: number | null, attempt: number): boolean;
  says(nodeId: string, iteration: number): boolean;
}

export interface Foretold {
  /** `a:1 succeeded`: every visit of every node, in document order. */
  visits: string[];
  /** Keys of everything that begins: attempts and approvals. */
  begins: string[];
  status: 'succeeded' | 'failed';
}

type Outcome = 'live' | 'dead' | 'broken';

export function foretell({ nodes, edges }: OracleGraph, fate: Fate): Foretold {
  const loops = loopsOf(nodes.length, edges);
  const iteration = nodes.map(() => 1);
  const status: (string | undefined)[] = nodes.map(() => undefined);
  const forced = nodes.map(() => false);
  const fired = nodes.map(() => false);
  const caught = nodes.map(() => true);
  const outcome: (Outcome | undefined)[] = edges.map(() => undefined);
  const taken = edges.map(() => 0);
  const closed = loops.map(() => false);
  /** Whether it did anything in its present visit: what it says counts only then. */
  const ran: boolean[] = [];
  const visits: string[] = [];
  const begins: string[] = [];
  let lost = false;

  const isLoopEdge = (index: number) => edges[index]?.max !== undefined;
  const into = (node: number) =>
    edges.flatMap((edge, index) => (edge.to === node && !isLoopEdge(index) ? [index] : []));
  const outOf = (node: number) => edges.flatMap((edge, index) => (edge.from === node ? [index] : []));
  /** An edge out of a body counts only once that body repeats no more. */
  const seen = (index: number): Outcome | undefined => {
    const { from = 0, to = 0 } = edges[index] ?? {};
    const held = loops.some(({ body }, loop) => body.has(from) && !body.has(to) && !closed[loop]);
    return held ? undefined : outcome[index];
  };

  function isDecided(node: number): boolean {
    return (
      status[node] === undefined && (forced[node] === true || into(node).every((index) => seen(index) !== undefined))
    );
  }

  function visit(node: number): void {
    const { id, quorum, continues } = nodes[node] as OracleNode;
    const arrived = into(node).map(seen);
    const count = (wanted: Outcome) => arrived.filter((one) => one === wanted).length;
    let found: string;
    ran[node] = forced[node] || arrived.length === 0 || (quorum > 0 ? count('live') >= quorum : true);
    if (forced[node] || arrived.length === 0) found = attempt(node);
    else if (quorum > 0) {
      fired[node] = count('live') >= quorum;
      found = fired[node] ? attempt(node) : count('dead') === arrived.length ? 'skipped' : 'failed';
    } else if (count('broken') > 0) found = 'broken';
    else found = count('live') > 0 ? attempt(node) : 'skipped';

    let decided = decide(node, found);
    // Rule 10: there was a way back, it is used up, and there is no other.
    if (found === 'succeeded' && decided.spent && !decided.live.includes(true)) {
      found = 'failed';
      decided = decide(node, found);
    }
    status[node] = found;
    visits.push(`${id}:${iteration[node]} ${found === 'broken' ? 'skipped' : found}`);
    caught[node] =
      continues || outOf(node).some((index, place) => decided.live[place] && edges[index]?.on !== 'success');
    outOf(node).forEach((index, place) => {
      if (found === 'broken') outcome[index] = 'broken';
      else if (found === 'skipped') outcome[index] = 'dead';
      else if (decided.live[place]) outcome[index] = 'live';
      else outcome[index] = found === 'failed' && !caught[node] ? 'broken' : 'dead';
    });
  }

  /** What an attempt, its retries, or all items of a map come to. */
  function attempt(node: number): string {
    const { id, kind, retries, items, itemContinues } = nodes[node] as OracleNode;
    const turn = iteration[node] ?? 1;
    const tries = (item: number | null): boolean => {
      for (let number = 1; number <= retries + 1; number++) {
        begins.push(`${id}:${turn}:${item ?? '-'}:${number}`);
        if (!fate.fails(id, turn, item, number)) return true;
      }
      return false;
    };
    if (kind === 'approval') {
      begins.push(`${id}:${turn}:-:1`);
      const branches = outOf(node).some((index) => edges[index]?.kind !== 'plain');
      return fate.fails(id, turn, null, 1) && !branches ? 'failed' : 'succeeded';
    }
    if (kind === 'shell') return tries(null) ? 'succeeded' : 'failed';
    // One after the other: the tests give such maps a concurrency of 1, so that no order decides which items begin.
    for (let item = 0; item < items; item++) if (!tries(item) && !itemContinues) return 'failed';
    return 'succeeded';
  }

  function decide(node: number, found: string): { live: boolean[]; spent: boolean } {
    if (found === 'skipped' || found === 'broken') return { live: outOf(node).map(() => false), spent: false };
    const { id, continues } = nodes[node] as OracleNode;
    const failed = found === 'failed';
    let spent = false;
    const matches = ({ on }: OracleEdge) => on === 'any' || (on === 'error' ? failed : !failed || continues);
    const isTrue = ({ kind }: OracleEdge) =>
      kind === 'plain' ||
      kind === 'true' ||
      (kind === 'back' && ran[node] === true && fate.says(id, iteration[node] ?? 1));
    const isOpen = (index: number): boolean => {
      const { max } = edges[index] as OracleEdge;
      if (max === undefined || (taken[index] ?? 0) < max) return true;
      spent = true;
      return false;
    };
    const out = outOf(node).map((index) => [index, edges[index] as OracleEdge] as const);
    const first = out.map(
      ([index, edge]) => edge.kind !== 'otherwise' && matches(edge) && isTrue(edge) && isOpen(index),
    );
    const live = out.map(([index, edge], place) => {
      if (edge.kind !== 'otherwise' || !matches(edge)) return first[place] ?? false;
      const instead = out.some(([, other], at) => first[at] && other.on === edge.on && other.kind !== 'plain');
      return !instead && isOpen(index);
    });
    return { live, spent };
  }

  /** Rule 9: a body that has ended wholly repeats, or lets go of its edges. Inner ones first. */
  function turnLoop(loop: number): boolean {
    const { body, edge, target } = loops[loop] as LoopBody;
    const inner = loops.flatMap((other, index) => (index !== loop && isWithin(other.body, body) ? [index] : []));
    if (closed[loop] || [...body].some((node) => status[node] === undefined) || inner.some((index) => !closed[index]))
      return false;
    if (outcome[edge] !== 'live') {
      closed[loop] = true;
      return true;
    }
    taken[edge] = (taken[edge] ?? 0) + 1;
    lost ||= [...body].some((node) => isLost(node));
    for (const index of inner) {
      closed[index] = false;
      taken[(loops[index] as LoopBody).edge] = 0;
    }
    for (const node of body) {
      status[node] = undefined;
      iteration[node] = (iteration[node] ?? 1) + 1;
      fired[node] = false;
      forced[node] = node === target;
      for (const index of outOf(node)) outcome[index] = undefined;
    }
    return true;
  }

  /** Rules 4 and 5: nobody handled this failure. */
  function isLost(node: number): boolean {
    if (status[node] !== 'failed' || caught[node]) return false;
    const success = outOf(node).filter((index) => edges[index]?.on === 'success');
    return success.length === 0 || !success.every((index) => fired[edges[index]?.to ?? -1]);
  }

  for (let moved = true; moved;) {
    moved = false;
    nodes.forEach((_, node) => {
      if (!isDecided(node)) return;
      visit(node);
      moved = true;
    });
    // The smallest first: what is around a body waits for it.
    const order = loops
      .map((_, index) => index)
      .toSorted((a, b) => (loops[a]?.body.size ?? 0) - (loops[b]?.body.size ?? 0));
    if (!moved) moved = order.some((loop) => turnLoop(loop));
  }
  if (status.includes(undefined)) throw new Error('the oracle does not come to an end');
  const failed = lost || nodes.some((_, node) => isLost(node));
  return { visits: visits.toSorted(), begins: begins.toSorted(), status: failed ? 'failed' : 'succeeded' };
}

interface LoopBody {
  edge: number;
  target: number;
  body: Set<number>;
}

/**
 * Two bodies that share nodes, and neither lies in the other: the rules say that each waits for its own nodes, not which
 * of them turns first, so there is nothing to foretell.
 */
export function hasCrossingLoops({ nodes, edges }: OracleGraph): boolean {
  const bodies = loopsOf(nodes.length, edges).map(({ body }) => body);
  return bodies.some((one, index) =>
    bodies.slice(index + 1).some((other) => {
      const shared = [...one].filter((node) => other.has(node)).length;
      return shared > 0 && shared < Math.min(one.size, other.size);
    }),
  );
}

function isWithin(inner: Set<number>, outer: Set<number>): boolean {
  return inner.size < outer.size && [...inner].every((node) => outer.has(node));
}

/** Rule 8: every node on a way from the loop edge's target to its source. */
function loopsOf(size: number, edges: OracleEdge[]): LoopBody[] {
  const ways = (start: number, next: (edge: OracleEdge, node: number) => number | null): Set<number> => {
    const found = new Set([start]);
    for (let round = 0; round < size; round++)
      for (const node of found)
        for (const edge of edges) {
          const to = edge.max === undefined ? next(edge, node) : null;
          if (to !== null) found.add(to);
        }
    return found;
  };
  return edges.flatMap((edge, index) => {
    if (edge.max === undefined) return [];
    const ahead = ways(edge.to, ({ from, to }, node) => (from === node ? to : null));
    const behind = ways(edge.from, ({ from, to }, node) => (to === node ? from : null));
    return [{ edge: index, target: edge.to, body: new Set([...ahead].filter((node) => behind.has(node))) }];
  });
}
