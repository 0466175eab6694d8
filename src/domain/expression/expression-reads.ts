// What an expression reads, found in its syntax tree without running it: names, inputs and nodes with their fields.

/** The parts of the CEL library's syntax nodes that we rely on; its published types leave them out. */
export interface LibraryNode {
  op: string;
  args: unknown;
  start: number;
  meta: {
    check?: (checker: { getType(name: string): unknown }, node: LibraryNode, context: unknown) => unknown;
    evaluate?: (evaluator: Evaluator, node: CheckedNode, context: unknown) => unknown;
    alternate?: LibraryNode;
    macro?: {
      evaluate: (evaluator: unknown, macro: unknown, context: unknown) => unknown;
      args?: LibraryNode[];
      var?: string;
      val?: LibraryNode;
      exp?: LibraryNode;
    };
  };
  setMeta<K extends keyof LibraryNode['meta']>(key: K, value: LibraryNode['meta'][K]): unknown;
}
interface Evaluator {
  run(node: unknown, context: unknown): unknown;
}
export interface CheckedNode {
  left: unknown;
  right: unknown;
  receiverWithArgs: unknown[];
  handle(left: unknown, right: unknown, node: unknown, evaluator: unknown): unknown;
}

export interface NodeRead {
  nodeId: string;
  /** `output`, `status` …, or undefined when the node is read whole. */
  field?: string;
  /** Inside has(): reading what is not there is no mistake. */
  guarded: boolean;
  offset: number;
}

export interface ExpressionReads {
  /** Free names, such as `inputs` or a map's `as`. */
  names: string[];
  nodes: NodeRead[];
  inputs: { name: string; offset: number }[];
  /** Where `nodes` is read other than as `nodes.ID`, so that nobody can tell which node is meant. */
  wholeNodes?: number;
}

/** Calls back for every syntax node, also those that macros are rewritten to. */
export function visitSyntax(root: LibraryNode, visitor: (node: LibraryNode) => void): void {
  const seen = new Set<LibraryNode>();
  const stack = [root];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (seen.has(node)) continue; // macros use one predicate in two places
    seen.add(node);
    visitor(node);
    for (const child of childrenOf(node)) stack.push(child.node);
  }
}

export function readsOf(root: LibraryNode): ExpressionReads {
  const names = new Set<string>();
  const reads: ExpressionReads = { names: [], nodes: [], inputs: [] };
  const stack: { node: LibraryNode; bound: readonly string[]; guarded: boolean }[] = [
    { node: root, bound: [], guarded: false },
  ];
  for (let entry = stack.pop(); entry !== undefined; entry = stack.pop()) {
    const { node, bound } = entry;
    const guarded = entry.guarded || node.meta.macro?.args !== undefined;
    const member = nodeMember(node, bound);
    if (member) {
      names.add('nodes');
      reads.nodes.push({ ...member, guarded });
      continue;
    }
    const input = memberOf(node, 'inputs', bound);
    if (input !== undefined) {
      names.add('inputs');
      reads.inputs.push({ name: input, offset: node.start });
      continue;
    }
    if (node.op === 'id' && typeof node.args === 'string' && !bound.includes(node.args) && !node.meta.alternate) {
      names.add(node.args);
      if (node.args === 'nodes') reads.wholeNodes = node.start;
    }
    for (const child of childrenOf(node)) {
      stack.push({ node: child.node, bound: child.binds ? [...bound, child.binds] : bound, guarded });
    }
  }
  reads.names = [...names];
  return reads;
}

/** `nodes.ID.field`, `nodes.ID` or the same with `['…']`. */
function nodeMember(node: LibraryNode, bound: readonly string[]): Omit<NodeRead, 'guarded'> | undefined {
  const whole = memberOf(node, 'nodes', bound);
  if (whole !== undefined) return { nodeId: whole, offset: node.start };
  const [target, key] = memberParts(node);
  const nodeId = target && memberOf(target, 'nodes', bound);
  if (target === undefined || nodeId === undefined) return undefined;
  return key === undefined ? undefined : { nodeId, field: key, offset: node.start };
}

function memberOf(node: LibraryNode, name: string, bound: readonly string[]): string | undefined {
  const [target, key] = memberParts(node);
  return target?.op === 'id' && target.args === name && !bound.includes(name) ? key : undefined;
}

function memberParts(node: LibraryNode): [LibraryNode?, string?] {
  if (!Array.isArray(node.args)) return [];
  const [target, key] = node.args as [LibraryNode, unknown];
  if (node.op === '.') return [target, key as string];
  if (node.op !== '[]') return [];
  const literal = key as LibraryNode;
  return literal.op === 'value' && typeof literal.args === 'string' ? [target, literal.args] : [];
}

function childrenOf(node: LibraryNode): { node: LibraryNode; binds?: string }[] {
  const { alternate, macro } = node.meta;
  if (alternate) return [{ node: alternate }];
  if (macro) {
    const children = (macro.args ?? []).map((child) => ({ node: child }));
    if (!macro.val || !macro.exp) return children;
    return [...children, { node: macro.val }, { node: macro.exp, ...(macro.var ? { binds: macro.var } : {}) }];
  }
  if (node.op === 'comprehension') {
    const loop = node.args as { iterable: LibraryNode; iterVarName: string; init: LibraryNode; step: LibraryNode };
    return [{ node: loop.iterable }, { node: loop.init }, { node: loop.step, binds: loop.iterVarName }];
  }
  return syntaxIn(node.args).map((child) => ({ node: child }));
}

function syntaxIn(args: unknown): LibraryNode[] {
  if (Array.isArray(args)) return args.flatMap(syntaxIn);
  return typeof args === 'object' && args !== null && 'op' in args && 'meta' in args ? [args as LibraryNode] : [];
}
