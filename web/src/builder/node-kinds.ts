/** The kinds of nodes that can be put on the canvas: what each is for, and how a new one begins; pure. */
import type { Part } from './document.ts';

export interface NodeKind {
  type: string;
  label: string;
  what: string;
  /** Found by these too. */
  words: string;
}

export const NODE_KINDS: readonly NodeKind[] = [
  {
    type: 'agent',
    label: 'Agent',
    what: 'Gives an agent a task and waits for its answer',
    words: 'prompt claude codex ask',
  },
  { type: 'shell', label: 'Command', what: 'Runs a command on the host', words: 'shell script bash test build' },
  { type: 'approval', label: 'Approval', what: 'Waits until a person decides', words: 'human ask gate form' },
  {
    type: 'condition',
    label: 'Condition',
    what: 'A place for edges with a condition',
    words: 'if branch switch decide',
  },
  { type: 'map', label: 'Map', what: 'Does the same for every item of a list', words: 'each loop parallel fan out' },
  { type: 'transform', label: 'Transform', what: 'Computes a value from others', words: 'expression value set' },
  { type: 'http', label: 'Request', what: 'Calls an HTTP address', words: 'http api webhook fetch' },
  { type: 'wait', label: 'Wait', what: 'Waits for a time or an event', words: 'delay timer sleep event signal' },
  { type: 'workflow', label: 'Workflow', what: 'Executes another workflow', words: 'child sub nested' },
  { type: 'notify', label: 'Notify', what: 'Sends a message to a channel', words: 'message tell slack' },
  { type: 'langgraph', label: 'LangGraph', what: 'Runs a registered LangGraph graph', words: 'lang graph' },
];

/** Without a config where the language asks for none; what is left empty is said by validation. */
const CONFIGS: Record<string, Part | undefined> = {
  agent: { agent: '', prompt: '' },
  shell: { command: [] },
  http: { url: '' },
  approval: { title: 'Go on?' },
  transform: { value: '' },
  map: { over: '', as: 'item', node: { type: 'agent', config: { agent: '', prompt: '' } } },
  wait: { duration: 'PT1M' },
  workflow: { workflow: '' },
  notify: { channel: '', message: '' },
  langgraph: { graph: '' },
};

export const newConfig = (type: string): Part | undefined => CONFIGS[type];

export function newNode(type: string, id: string): Part {
  const config = newConfig(type);
  return { id, type, ...(config ? { config } : {}) };
}

export const kindLabel = (type: string): string => NODE_KINDS.find((kind) => kind.type === type)?.label ?? type;
