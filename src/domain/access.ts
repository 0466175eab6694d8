/** Who may do what: each role's permissions, and the extra ones that can be granted. Pure. */
import type { Permission, Role } from '../contract/identity.ts';
import type { MapConfig, WorkflowDocument, WorkflowNode } from '../contract/workflow-document.ts';
import { innerNodeOf } from './workflow/compile-plan.ts';

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
    const types = within(node)
      .map(({ type }) => type)
      .filter((type) => POWERFUL.includes(type));
    return [
      ...types.map((type) => `${node.id} is or holds a ${type} node`),
      ...(usesSecret(node.config) ? [`${node.id} uses a secret`] : []),
    ];
  });
}

/** Whether this role may give an answer that only some roles may give. */
export function mayAnswer(roles: readonly string[] | null | undefined, role: string): boolean {
  return !roles || role === 'admin' || roles.includes(role);
}

/** The approvals, in the node or in what a map runs, whose outcome this role may not say in advance: their roles. */
export function approvalsBeyond(node: WorkflowNode, role: string): string[] {
  return within(node).flatMap(({ type, config }) => {
    const { roles } = (type === 'approval' ? config : {}) as { roles?: string[] };
    return mayAnswer(roles, role) ? [] : (roles ?? []);
  });
}

/** The workflows that the node, or what a map runs, starts. */
export function workflowsStartedBy(node: WorkflowNode): { workflow: string; version?: number }[] {
  return within(node).flatMap(({ type, config }) =>
    type === 'workflow' ? [config as { workflow: string; version?: number }] : [],
  );
}

interface Typed {
  type: string;
  config?: unknown;
}

/** The node, and those that a map runs, however deep. */
function within(node: Typed): Typed[] {
  return [node, ...(node.type === 'map' ? within(innerNodeOf(node.config as MapConfig)) : [])];
}

function usesSecret(value: unknown): boolean {
  if (typeof value === 'string') return value.startsWith('secret:');
  if (value === null || typeof value !== 'object') return false;
  return Object.entries(value).some(([key, item]) => (key === 'secret' && item !== undefined) || usesSecret(item));
}
