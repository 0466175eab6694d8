/** Random graphs of which it is known in advance which nodes fail; shared by the tests of settle and the simulator. */
import fc from 'fast-check';
import { edge, shell } from '../scripted-execution.ts';

export interface RandomNode {
  fails: boolean;
  continues: boolean;
  quorum: number;
  edges: { to: number; on: 'success' | 'error' | 'any'; kind: 'plain' | 'true' | 'false' | 'otherwise' }[];
}

const SIZE = 7;
/** Nodes that succeed or fail, forward edges of every kind, and joins of every kind. */
export const randomGraph = fc
  .array(
    fc.record({
      fails: fc.boolean(),
      continues: fc.nat(4).map((n) => n === 0),
      quorum: fc.constantFrom(0, 0, 0, 1, 2),
      edges: fc.array(
        fc.record({
          to: fc.nat(SIZE),
          on: fc.constantFrom('success' as const, 'success' as const, 'error' as const, 'any' as const),
          kind: fc.constantFrom(
            'plain' as const,
            'plain' as const,
            'true' as const,
            'false' as const,
            'otherwise' as const,
          ),
        }),
        { maxLength: 3 },
      ),
    }),
    { minLength: 2, maxLength: SIZE },
  )
  .map((nodes): RandomNode[] => {
    // Edges lead forward, and a quorum is no larger than what can arrive.
    const forward = nodes.map((node, index) => ({
      ...node,
      edges: node.edges.filter(({ to }) => to > index && to < nodes.length),
    }));
    const incoming = forward.map((_, to) => forward.flatMap(({ edges }) => edges).filter((e) => e.to === to).length);
    return forward.map((node, index) => ({ ...node, quorum: Math.min(node.quorum, incoming[index] ?? 0) }));
  });

export function documentOf(graph: RandomNode[]) {
  const options = ({ continues, quorum }: RandomNode) => ({
    ...(continues ? { onError: 'continue' } : {}),
    ...(quorum > 0 ? { join: { quorum } } : {}),
  });
  return {
    nodes: graph.map((node, index) => shell(`n${index}`, options(node))),
    edges: graph.flatMap((node, index) =>
      node.edges.map(({ to, on, kind }) =>
        edge(`n${index}`, `n${to}`, {
          on,
          ...(kind === 'otherwise' ? { otherwise: true } : kind === 'plain' ? {} : { when: kind }),
        }),
      ),
    ),
  };
}
