/**
 * What decides when a document does what it uses, and with what: approvals, the order of nodes, values, limits. In words
 * for whoever is asked to allow it; two documents that say the same here do the same. Pure; reads drafts too.
 */
import type { WorkflowFlow } from '../../contract/workflow-import.ts';
import { type Fields, fields, items, shown, text, without } from './loose-fields.ts';

/** Fields of a node that are for people, or are told by its config. */
const TOLD = ['id', 'type', 'name', 'description', 'position', 'config'];

export function flowOf(document: Fields): WorkflowFlow[] {
  const nodes = items(document['nodes']).map(fields);
  const edges = items(document['edges']).map(fields);
  return [
    ...Object.entries(fields(document['inputs'])).map(([name, schema]) =>
      line('input', `It is given “${name}”`, schema),
    ),
    ...nodes.flatMap((node) => ofNode(node, text(node['id']))),
    ...nodes.flatMap((node) => startOf(node, edges)),
    ...edges.map(ofEdge),
    ...Object.entries(fields(document['outputs'])).map(([name, value]) =>
      line('value', `It gives “${name}”: ${shown(value)}`),
    ),
    ...('budget' in document ? [line('limit', 'It is paused and asks when this is used up', document['budget'])] : []),
    ...('concurrency' in document
      ? [line('limit', `While another one of it is under way: ${shown(document['concurrency'])}`)]
      : []),
    // The name is for people, unless something reads it.
    ...(/\bexecution\b/.test(JSON.stringify([nodes, edges, document['outputs']]))
      ? [line('value', `It reads of its execution, and is called “${shown(document['name'])}”`)]
      : []),
  ];
}

function ofNode(node: Fields, nodeId: string): WorkflowFlow[] {
  const config = fields(node['config']);
  const said = (kind: WorkflowFlow['kind'], words: string, detail?: unknown): WorkflowFlow => ({
    ...line(kind, words, detail),
    nodeId,
  });
  const options = without(node, TOLD);
  const rest = Object.keys(options).length === 0 ? [] : [said('limit', 'Its limits, and what it waits for', options)];
  switch (node['type']) {
    case 'approval':
      return [
        said('approval', approvalWords(config), without(config, ['title', 'roles', 'expires', 'onExpire'])),
        ...rest,
      ];
    case 'transform':
      return [said('value', 'Computes', config), ...rest];
    case 'wait':
      return [said('wait', `Waits: ${waitWords(config)}`), ...rest];
    case 'map':
      return [
        said('map', `Does it for each of ${shown(config['over'])}`, without(config, ['over', 'node', 'workflow'])),
        ...rest,
        ...('node' in config ? ofNode(fields(config['node']), nodeId) : []),
      ];
    default:
      return rest;
  }
}

function approvalWords(config: Fields): string {
  const roles = items(config['roles']).map(shown);
  const who = roles.length > 0 ? `only ${roles.join(' or ')} may answer` : 'whoever may answer';
  const ends = { approve: 'it is approved', fail: 'it fails' }[shown(config['onExpire'])] ?? 'it is rejected';
  const expiry = 'expires' in config ? `; without an answer ${ends}, after ${shown(config['expires'])}` : '';
  return `Asks a person “${shown(config['title'])}”: ${who}${expiry}`;
}

function waitWords(config: Fields): string {
  return Object.entries(config)
    .map(([what, value]) => `${what} ${shown(value)}`)
    .join(', ');
}

/** A node that nothing leads to starts at once: an edge that is gone is seen there. */
function startOf({ id }: Fields, edges: readonly Fields[]): WorkflowFlow[] {
  const isLedTo = edges.some(({ to, max }) => to === id && max === undefined);
  return isLedTo ? [] : [{ ...line('edge', 'Starts at once'), nodeId: text(id) }];
}

function ofEdge({ from, to, when, otherwise, on, max }: Fields): WorkflowFlow {
  const after = { error: 'has failed', any: 'has ended, well or not' }[shown(on)] ?? 'has succeeded';
  const words = [`After ${shown(from)} ${after}`];
  if (when !== undefined) words.push(`if ${shown(when)}`);
  if (otherwise !== undefined && otherwise !== false) words.push('if nothing else was taken');
  if (max !== undefined) words.push(`again, at most ${shown(max)} times`);
  return { ...line('edge', words.join(', ')), nodeId: shown(to) };
}

function line(kind: WorkflowFlow['kind'], value: string, detail?: unknown): WorkflowFlow {
  const entries = fields(detail);
  return { kind, value, ...(Object.keys(entries).length === 0 ? {} : { detail: entries }) };
}
