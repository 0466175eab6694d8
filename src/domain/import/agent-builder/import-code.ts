/** The workflow of an Agent Builder export as a document: its agents in their order, its branches, approvals and loops. */
import { ANY_AGENT } from '../any-agent.ts';
import { type AgentCode, type CodeAgent, type CodeStep, readAgentCode } from './agent-code.ts';
import { celPath, literal } from '../foreign-template.ts';
import { shortened } from '../foreign-value.ts';
import { type DraftEdge, type Drafted, ImportDraft, type SourceNode } from '../import-draft.ts';
import { chosenWay, MOST_WAYS } from '../chosen-way.ts';
import { translateCondition } from './plain-condition.ts';

/** An end from which the next step goes on, with what its edge says. */
type Open = Omit<DraftEdge, 'to'>;
interface Scope {
  /** Variables that hold what an agent said: the node. */
  results: ReadonlyMap<string, string>;
  /** The node whose answer everybody after it has heard last. */
  last: string | undefined;
}
interface Way {
  open: Open[];
  scope: Scope;
}

export function importAgentCode(source: string): Drafted {
  const draft = new ImportDraft();
  const code = readAgentCode(source);
  draft.inputs.set('input_as_text', { type: 'string', description: 'What the person says' });
  const used = new Set<string>();
  follow({ draft, code, used }, code.steps, { open: [], scope: { results: new Map(), last: undefined } });
  for (const agent of code.agents.values())
    if (!used.has(agent.variable))
      draft.unmapped(
        sourceOf(agent.variable, agent.name, 'agent', agent.line),
        'No step of the workflow that could be read runs it.',
      );
  draft.note(
    'The export is code: its agents, runs, ifs, whiles and approvals were read, everything else of it was not.',
  );
  draft.note('The whole conversation is not handed on: an agent gets the request and the answer before it.');
  return draft.finish({ name: code.name });
}

interface Making {
  draft: ImportDraft;
  code: AgentCode;
  used: Set<string>;
}

function follow(making: Making, steps: readonly CodeStep[], before: Way, entered = false): Way {
  let way = before;
  let started = entered;
  for (const step of steps) {
    if (started && way.open.length === 0) return way;
    if (step.kind === 'end') return { ...way, open: [] };
    if (step.kind === 'run') way = run(making, step, way);
    else if (step.kind === 'loop') way = loop(making, step, way);
    else if (step.cases.every(({ body }) => only(body)) && only(step.otherwise)) continue; // a guard of the export's
    else way = branch(making, step, way);
    started = true;
  }
  return way;
}

/** Nothing but an end: `if (!result) throw`. One that leads somewhere else matters. */
function only(body: readonly CodeStep[]): boolean {
  return body.every(({ kind }) => kind === 'end');
}

function connect({ draft }: Making, open: readonly Open[], to: string): void {
  for (const from of open) draft.edge({ ...from, to });
}

function run(making: Making, step: Extract<CodeStep, { kind: 'run' }>, { open, scope }: Way): Way {
  const { draft, code, used } = making;
  const agent = code.agents.get(step.agent);
  const source = sourceOf(step.agent, agent?.name ?? step.agent, 'agent', step.line);
  const id = draft.idFor(source.name);
  if (!agent) draft.placeholder(source, id, 'the agent it runs is not in the code.');
  else {
    draft.map(source, id, {
      type: 'agent',
      config: {
        agent: ANY_AGENT,
        prompt: promptOf(making, agent, source, scope),
        ...(agent.schema ? { output: agent.schema } : {}),
      },
    });
    if (!used.has(agent.variable))
      for (const what of agent.beside)
        draft.unmapped(source, `Its ${what} stay behind: an agent here has the tools of its own CLI.`, { nodeId: id });
    used.add(agent.variable);
  }
  connect(making, open, id);
  const results = new Map(scope.results);
  if (step.result !== '') results.set(step.result, id);
  return { open: [{ from: id }], scope: { results, last: agent ? id : undefined } };
}

function promptOf({ draft }: Making, agent: CodeAgent, source: SourceNode, { last }: Scope): string {
  const left = /\$\{([^}]*)\}/.exec(agent.instructions)?.[1];
  if (left !== undefined)
    draft.unmapped(source, `What is filled into its instructions, ${shortened(left, 80)}, stands there as words.`);
  return [
    literal(agent.instructions.trim() || `Do the step “${agent.name}”.`),
    'The request: {{ inputs.input_as_text }}',
    ...(last === undefined ? [] : [`The answer before: {{ nodes.${last}.output.text }}`]),
  ].join('\n\n');
}

function branch(making: Making, step: Extract<CodeStep, { kind: 'branch' }>, { open, scope }: Way): Way {
  const { draft } = making;
  const [first] = step.cases;
  const asked = /\bapproval_?[Rr]equest\d*\s*\(\s*([\s\S]*)\)\s*$/.exec(first?.condition ?? '');
  const source = sourceOf(
    `line ${step.line}`,
    shortened(first?.condition ?? 'if', 60),
    asked ? 'approval' : 'if',
    step.line,
  );
  const id = draft.idFor(asked ? 'approval' : 'branch');
  connect(making, open, id);
  const whens = asked ? approval(making, source, id, asked[1] ?? '') : conditions(making, step, { source, id, scope });
  const ways = step.cases.map(({ body }, index) =>
    follow(making, body, { open: [{ from: id, when: whens[index] ?? 'false' }], scope }, true),
  );
  const rest = follow(making, step.otherwise, { open: [{ from: id, otherwise: true }], scope }, true);
  return joined([...ways, rest], scope);
}

function approval({ draft, code }: Making, source: SourceNode, id: string, argument: string): string[] {
  const message = /^\s*(["'`])([\s\S]*)\1\s*$/.exec(argument)?.[2] ?? code.textOf(argument.trim()) ?? 'Go on?';
  draft.map(source, id, { type: 'approval', config: { title: literal(shortened(message, 500)) || 'Go on?' } });
  return [`nodes.${id}.output.decision == 'approve'`];
}

function conditions(
  { draft }: Making,
  step: Extract<CodeStep, { kind: 'branch' }>,
  { source, id, scope }: { source: SourceNode; id: string; scope: Scope },
): string[] {
  const whens = step.cases.map(({ condition }) => translateCondition(condition, resolver(scope)));
  if (whens.length > MOST_WAYS || whens.some((when) => when === undefined)) {
    const ways = step.cases.map(
      ({ condition }, index) => `${index + 1}: ${shortened(condition.replaceAll(/\s+/g, ' '), 120)}`,
    );
    draft.decision(source, id, [...ways, 'else'], 'Its condition reads what is not known here.');
    return ways.map((way) => chosenWay(id, way));
  }
  draft.map(source, id, { type: 'condition', config: {} });
  return whens.map((when, index) =>
    [...whens.slice(0, index).map((earlier) => `!(${earlier})`), index === 0 ? (when ?? '') : `(${when})`].join(' && '),
  );
}

function loop(making: Making, step: Extract<CodeStep, { kind: 'loop' }>, { open, scope }: Way): Way {
  const { draft } = making;
  const source = sourceOf(`line ${step.line}`, shortened(step.condition, 60), 'while', step.line);
  const id = draft.idFor('while');
  connect(making, open, id);
  const when = translateCondition(step.condition, resolver(scope));
  if (when === undefined) draft.decision(source, id, ['again', 'done'], 'Its condition reads what is not known here.');
  else draft.map(source, id, { type: 'condition', config: {} });
  const body = follow(making, step.body, { open: [{ from: id, when: when ?? chosenWay(id, 'again') }], scope }, true);
  connect(
    making,
    body.open.filter(({ from }) => from !== id),
    id,
  );
  return { open: [{ from: id, otherwise: true }], scope };
}

/** What all ways that go on have in common. */
function joined(ways: readonly Way[], before: Scope): Way {
  const going = ways.filter(({ open }) => open.length > 0);
  const [one] = going;
  const same = going.every(({ scope }) => scope.last === one?.scope.last);
  return {
    open: going.flatMap(({ open }) => open),
    scope:
      going.length === 1 && one ? one.scope : { results: before.results, last: same ? one?.scope.last : undefined },
  };
}

function resolver({ results }: Scope): (way: string) => string | undefined {
  return (way) => {
    const head = /^\w+/.exec(way)?.[0] ?? '';
    const path = celPath(way.slice(head.length));
    if (path === undefined) return undefined;
    if (head === 'workflow')
      return path === '.input_as_text' || path === '["input_as_text"]' ? 'inputs.input_as_text' : undefined;
    const id = results.get(head);
    if (id === undefined) return undefined;
    if (/^(?:\.output_text|\["output_text"\])$/.test(path)) return `nodes.${id}.output.text`;
    const data =
      /^(?:\.output_parsed|\["output_parsed"\]|\.finalOutput)(.+)$/.exec(path)?.[1] ??
      (path.startsWith('["') ? path : undefined);
    return data === undefined ? undefined : `nodes.${id}.output.data${data}`;
  };
}

function sourceOf(id: string, name: string, type: string, line: number): SourceNode {
  return { id, name: name.trim() || id, type, path: `#L${line}` };
}
