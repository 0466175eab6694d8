/** What a document uses outside itself: commands, agents with what they are told, addresses, secrets. Pure; reads drafts too. */
import type { WorkflowUse } from '../../contract/workflow-import.ts';
import { type Fields, fields, items, shown, text, without } from './loose-fields.ts';

/** In the order of the document. The same uses are the same content, whatever else of the document differs. */
export function usesOf(document: Fields): WorkflowUse[] {
  const workspace = fields(document['workspace'])['path'];
  const uses: WorkflowUse[] = [];
  if (workspace !== undefined) uses.push(use('workspace', shown(workspace), without(document['workspace'], ['path'])));
  for (const node of items(document['nodes'])) uses.push(...ofNode(fields(node), text(fields(node)['id'])));
  for (const trigger of items(document['triggers'])) uses.push(use('trigger', shown(trigger)));
  return uses;
}

function ofNode(node: Fields, nodeId: string): WorkflowUse[] {
  const config = fields(node['config']);
  const one = (kind: WorkflowUse['kind'], value: unknown, names: string[]): WorkflowUse => ({
    ...use(kind, shown(value), without(config, names)),
    nodeId,
  });
  const secrets = secretsIn(config).map((name): WorkflowUse => ({ kind: 'secret', nodeId, value: name }));
  switch (node['type']) {
    case 'shell':
      return [one('command', config['command'], ['command']), ...secrets];
    case 'agent':
      return items(config['agent'], true)
        .map((agent) => {
          const capability = fields(agent)['capability'];
          return one('agent', capability === undefined ? agent : `capability ${shown(capability)}`, ['agent']);
        })
        .concat(secrets);
    case 'http': {
      const method = typeof config['method'] === 'string' ? config['method'] : 'GET';
      return [one('url', `${method} ${shown(config['url'])}`, ['method', 'url']), ...secrets];
    }
    case 'notify':
      return [one('channel', config['channel'], ['channel'])];
    case 'workflow':
      return [one('workflow', config['workflow'], ['workflow'])];
    case 'langgraph':
      return [one('graph', config['graph'], ['graph'])];
    case 'map': {
      const { workflow } = config;
      if (workflow === undefined) return [...ofNode(fields(config['node']), nodeId), ...secrets];
      const named = typeof workflow === 'string' ? workflow : fields(workflow)['workflow'];
      return [{ ...use('workflow', shown(named), without(workflow, ['workflow'])), nodeId }, ...secrets];
    }
    default:
      return secrets;
  }
}

function use(kind: WorkflowUse['kind'], value: string, detail: Record<string, unknown> = {}): WorkflowUse {
  return { kind, value, ...(Object.keys(detail).length === 0 ? {} : { detail }) };
}

/** Names of secrets, each once. Of a map's inner node its own line tells. */
function secretsIn(config: Fields): string[] {
  const found = new Set<string>();
  const look = (value: unknown): void => {
    if (typeof value === 'string') {
      if (value.startsWith('secret:')) found.add(value.slice('secret:'.length));
    } else if (value !== null && typeof value === 'object') {
      for (const [key, item] of Object.entries(value)) {
        if (key === 'secret' && typeof item === 'string') found.add(item);
        if (key !== 'node') look(item);
      }
    }
  };
  look(config);
  return [...found];
}
