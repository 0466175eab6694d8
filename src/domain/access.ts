/** Who may do what: each role's permissions, and the extra ones that can be granted. Pure. */
import type { Permission, Role } from '../contract/identity.ts';
import type { WorkflowDocument } from '../contract/workflow-document.ts';

const ROLE_PERMISSIONS: Record<Role, readonly Permission[]> = {
  viewer: ['read'],
  operator: ['read', 'operate'],
  admin: ['read', 'operate', 'administer', 'workflow.commands'],
};

export function permissionsOf(role: Role, granted: readonly Permission[]): Permission[] {
  return [...new Set([...ROLE_PERMISSIONS[role], ...granted.filter((permission) => permission === 'workflow.commands')])];
}

/** Why a document needs the permission `workflow.commands`; empty when it does not. */
export function commandsOf(document: WorkflowDocument): string[] {
  const powerful = new Set(['shell', 'http', 'langgraph']);
  return document.nodes.flatMap((node) => {
    const types: string[] = [node.type];
    if (node.type === 'map' && 'node' in node.config && node.config.node) types.push((node.config.node as { type: string }).type);
    const hits = types.filter((type) => powerful.has(type)).map((type) => `${node.id} is a ${type} node`);
    return JSON.stringify(node.config ?? {}).includes('"secret:') || (node.config && 'secret' in node.config) ? [...hits, `${node.id} uses a secret`] : hits;
  });
}
