// What is wrong inside single nodes: agents that do not exist, options a type does not take, map and wait settings, warnings.
import type { AgentSelector, InnerNode, MapConfig, WorkflowNode } from '../../contract/workflow-document.ts';
import type { DocumentProblems } from './document-problems.ts';
import { reportChannel, reportHttp } from './http-problems.ts';
import { durationMs } from './iso-duration.ts';
import { didYouMean } from './nearest-name.ts';
import type { JsonPath } from './parse-workflow.ts';

/** What the document may refer to; a list that is left out is not checked. */
export interface KnownThings {
  agents?: readonly { id: string; name: string; capabilities: readonly string[] }[];
  workflows?: readonly { id: string; name?: string }[];
  /** By name. */
  channels?: readonly string[];
  /** By name, those that the configuration registers. */
  graphs?: readonly string[];
}

const RESERVED_NAMES = ['inputs', 'nodes', 'execution', 'error'];

type AnyNode = WorkflowNode | InnerNode;

export function reportNodeProblems(
  node: AnyNode,
  path: JsonPath,
  known: KnownThings,
  problems: DocumentProblems,
  outer: readonly string[] = [],
): void {
  if ((node.type === 'approval' || node.type === 'wait') && node.timeout !== undefined) {
    const instead = node.type === 'approval' ? 'Use `expires`.' : 'Use `duration` or `until`.';
    problems.add({
      path: [...path, 'timeout'],
      code: 'TIMEOUT_NOT_ALLOWED',
      message: `\`timeout\` is not allowed on ${node.type}. ${instead}`,
    });
  }
  switch (node.type) {
    case 'agent':
      return reportAgents(node.config.agent, [...path, 'config', 'agent'], known, problems);
    case 'shell':
      return reportCommand(node.config.command, [...path, 'config', 'command'], problems);
    case 'http':
      return reportHttp(node.config, [...path, 'config'], problems);
    case 'notify':
      return reportChannel(node.config, [...path, 'config', 'channel'], known.channels, problems);
    case 'wait':
      return reportWait(node.config, [...path, 'config'], problems);
    case 'approval':
      return reportDuration(node.config.expires, [...path, 'config', 'expires'], problems);
    case 'workflow':
      return reportWorkflow(node.config.workflow, [...path, 'config', 'workflow'], known, problems);
    case 'langgraph':
      return reportGraph(node.config.graph, [...path, 'config', 'graph'], known, problems);
    case 'map':
      return reportMap(node.config, [...path, 'config'], known, problems, outer);
    default:
  }
}

function reportAgents(
  agent: AgentSelector | AgentSelector[],
  path: JsonPath,
  known: KnownThings,
  problems: DocumentProblems,
): void {
  const { agents } = known;
  if (!agents) return;
  const list: [AgentSelector, JsonPath][] = Array.isArray(agent)
    ? agent.map((one, index) => [one, [...path, index]])
    : [[agent, path]];
  for (const [selector, place] of list) {
    if (typeof selector !== 'string') {
      if (agents.some(({ capabilities }) => capabilities.includes(selector.capability))) continue;
      const all = agents.flatMap(({ capabilities }) => capabilities);
      const message = `No agent has the capability ${JSON.stringify(selector.capability)} now.${didYouMean(selector.capability, all)} The step waits until one has.`;
      problems.add({ path: [...place, 'capability'], code: 'NO_AGENT_WITH_CAPABILITY', message, severity: 'warning' });
    } else if (!selector.includes('{{') && !agents.some(({ id, name }) => id === selector || name === selector)) {
      const names = agents.map(({ name }) => name);
      const list = names.length === 0 ? ' There are no agents yet: create one first.' : '';
      problems.add({
        path: place,
        code: 'UNKNOWN_AGENT',
        message: `There is no agent ${JSON.stringify(selector)}.${didYouMean(selector, names)}${list}`,
      });
    }
  }
}

/** The list form of `sh -c` brings back what the list form is for (rule 18). */
function reportCommand(command: string | string[], path: JsonPath, problems: DocumentProblems): void {
  if (!Array.isArray(command) || !/(?:^|\/)(?:ba|z|da|k)?sh$/.test(command[0] ?? '')) return;
  const flag = command.findIndex((part, index) => index > 0 && /^-[a-z]*c$/.test(part));
  const script = command[flag + 1];
  if (flag === -1 || script === undefined) return;
  const message = script.includes('{{')
    ? 'A value filled in here becomes part of the shell program. Pass it through `env`, or as a further list item that the script reads as "$1".'
    : 'This runs a shell on one text; write the command as a text, or without the shell.';
  problems.add({ path: [...path, flag + 1], code: 'SHELL_IN_LIST', message, severity: 'warning' });
}

function reportWait(
  config: { duration?: string | undefined; until?: string | undefined; event?: string | undefined },
  path: JsonPath,
  problems: DocumentProblems,
): void {
  const given = (['duration', 'until', 'event'] as const).filter((field) => config[field] !== undefined);
  if (given.length !== 1) {
    const message = `A wait has exactly one of \`duration\`, \`until\` and \`event\`; this one has ${given.length === 0 ? 'none' : given.join(' and ')}.`;
    problems.add({ path, code: 'WAIT_FOR_ONE_THING', message });
  }
  reportDuration(config.duration, [...path, 'duration'], problems);
}

/** A text without a template can be checked now; others are when they run. */
function reportDuration(text: string | undefined, path: JsonPath, problems: DocumentProblems): void {
  if (text === undefined || text.includes('{{') || durationMs(text) !== undefined) return;
  if (/^\d{4}-\d{2}-\d{2}T/.test(text) && !Number.isNaN(Date.parse(text))) return;
  problems.add({
    path,
    code: 'INVALID_DURATION',
    message: `${JSON.stringify(text)} is not a duration. Write it as ISO 8601, for example PT10M or P1D.`,
  });
}

function reportWorkflow(
  workflow: string,
  path: JsonPath,
  { workflows }: KnownThings,
  problems: DocumentProblems,
): void {
  if (!workflows || workflow.includes('{{') || workflows.some(({ id }) => id === workflow)) return;
  const fitting = workflows.filter(({ name }) => name === workflow).length;
  if (fitting === 1) return;
  if (fitting > 1) {
    const message = `There are ${fitting} workflows ${JSON.stringify(workflow)}. Name the one you mean by its id.`;
    return problems.add({ path, code: 'AMBIGUOUS_WORKFLOW', message });
  }
  const names = workflows.flatMap(({ id, name }) => (name === undefined ? [id] : [id, name]));
  problems.add({
    path,
    code: 'UNKNOWN_WORKFLOW',
    message: `There is no workflow ${JSON.stringify(workflow)}.${didYouMean(workflow, names)}`,
  });
}

function reportGraph(graph: string, path: JsonPath, { graphs }: KnownThings, problems: DocumentProblems): void {
  if (!graphs || graph.includes('{{') || graphs.includes(graph)) return;
  const none = graphs.length === 0 ? ' An administrator registers graphs in the configuration.' : '';
  problems.add({
    path,
    code: 'UNKNOWN_GRAPH',
    message: `There is no registered graph ${JSON.stringify(graph)}.${didYouMean(graph, graphs)}${none}`,
  });
}

function reportMap(
  config: MapConfig,
  path: JsonPath,
  known: KnownThings,
  problems: DocumentProblems,
  outer: readonly string[],
): void {
  const as = config.as ?? 'item';
  if (RESERVED_NAMES.includes(as) || outer.includes(as) || as === 'index') {
    const why = outer.includes(as)
      ? 'is the `as` of a map around this one'
      : as === 'index'
        ? 'is the number of the item'
        : 'is a name of its own';
    problems.add({
      path: [...path, 'as'],
      code: 'NAME_TAKEN',
      message: `\`as\` cannot be ${as}: it ${why}. Choose another name.`,
    });
  }
  if ((config.node === undefined) === (config.workflow === undefined)) {
    problems.add({
      path,
      code: 'MAP_OVER_ONE_THING',
      message: 'A map runs either a `node` or a `workflow` for each item: give exactly one.',
    });
  }
  const { workflow } = config;
  if (workflow !== undefined) {
    const place = typeof workflow === 'string' ? [...path, 'workflow'] : [...path, 'workflow', 'workflow'];
    reportWorkflow(typeof workflow === 'string' ? workflow : workflow.workflow, place, known, problems);
  }
  if (config.node) reportNodeProblems(config.node, [...path, 'node'], known, problems, [...outer, as]);
}
