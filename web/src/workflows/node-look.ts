import type { IconName } from '../ui/icon.tsx';

const ICONS: Record<string, IconName> = {
  agent: 'agent',
  shell: 'terminal',
  http: 'globe',
  approval: 'hand',
  condition: 'branch',
  transform: 'transform',
  map: 'map',
  wait: 'hourglass',
  workflow: 'nested',
  notify: 'bell',
  langgraph: 'workflow',
};

export const nodeIcon = (type: string): IconName => ICONS[type] ?? 'ring';
