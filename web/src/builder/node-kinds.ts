/** The kinds of nodes that can be put on the canvas: what each is for, and how a new one begins; pure. */
import type { Part } from './document.ts';
import { t } from '../words/words.ts';

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
    label: t('Agent'),
    what: t('Gives an agent a task and waits for its answer'),
    words: t('prompt claude codex ask'),
  },
  {
    type: 'shell',
    label: t('Command'),
    what: t('Runs a command on the host'),
    words: t('shell script bash test build'),
  },
  { type: 'approval', label: t('Approval'), what: t('Waits until a person decides'), words: t('human ask gate form') },
  {
    type: 'condition',
    label: t('Condition'),
    what: t('A place for edges with a condition'),
    words: t('if branch switch decide'),
  },
  {
    type: 'map',
    label: t('Map'),
    what: t('Does the same for every item of a list'),
    words: t('each loop parallel fan out'),
  },
  {
    type: 'transform',
    label: t('Transform'),
    what: t('Computes a value from others'),
    words: t('expression value set'),
  },
  { type: 'http', label: t('Request'), what: t('Calls an HTTP address'), words: t('http api webhook fetch') },
  {
    type: 'wait',
    label: t('Wait'),
    what: t('Waits for a time or an event'),
    words: t('delay timer sleep event signal'),
  },
  { type: 'workflow', label: t('Workflow'), what: t('Executes another workflow'), words: t('child sub nested') },
  { type: 'notify', label: t('Notify'), what: t('Sends a message to a channel'), words: t('message tell slack') },
  { type: 'langgraph', label: 'LangGraph', what: t('Runs a registered LangGraph graph'), words: t('lang graph') },
];

/** Without a config where the language asks for none; what is left empty is said by validation. */
const CONFIGS: Record<string, Part | undefined> = {
  agent: { agent: '', prompt: '' },
  shell: { command: [] },
  http: { url: '' },
  approval: { title: t('Go on?') },
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
