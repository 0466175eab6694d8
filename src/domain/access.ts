/** Who may do what: each role's permissions, and the extra ones that can be granted. Pure. */
import type { Permission, Role } from '../contract/identity.ts';
import type { WorkflowDocument } from '../contract/workflow-document.ts';

const ROLE_PERMISSIONS: Record<Role, readonly Permission[]> = {
  viewer: ['read'],
  operator: ['read', 'operate'],
  admin: ['read', 'operate', 'administer', 'workflow.commands'],
};

export function permissionsOf(role: Role, granted: readonly Permission[]): Permission[] {
  return [
    ...new Set([...ROLE_PERMISSIONS[role], ...granted.filter((permission) => permission === 'workflow.commands')]),
  ];
}

/** Node types whose work reaches beyond the agents. */
const POWERFUL: readonly string[] = ['shell', 'http', 'langgraph'];

/** Why a document needs the permission `workflow.commands`; empty when it does not. */
export function commandsOf(document: WorkflowDocument): string[] {
  return document.nodes.flatMap((node) => {
    const types = typesWithin(node).filter((type) => POWERFUL.includes(type));
    return [
      ...types.map((type) => `${node.id} is or holds a ${type} node`),
      ...(usesSecret(node.config) ? [`${node.id} uses a secret`] : []),
    ];
  });
}

/** The node's type, and those of the nodes a map runs, however deep. */
function typesWithin(node: { type: string; config?: unknown }): string[] {
  const inner = (node.config as { node?: { type: string; config?: unknown } } | undefined)?.node;
  return [node.type, ...(node.type === 'map' && inner ? typesWithin(inner) : [])];
}

function usesSecret(value: unknown): boolean {
  if (typeof value === 'string') return value.startsWith('secret:');
  if (value === null || typeof value !== 'object') return false;
  return Object.entries(value).some(([key, item]) => (key === 'secret' && item !== undefined) || usesSecret(item));
}
