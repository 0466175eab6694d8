/** REST of agent definitions. */
import { z } from 'zod';
import {
  AgentDefinitionEntry,
  AgentDefinitionFile,
  ChangeAgentDefinition,
  DefinitionName,
  ImportAgentDefinitions,
  ImportedAgentDefinitions,
  PutAgentDefinition,
} from '../agent-definitions.ts';
import { PageQuery } from '../identifiers.ts';
import type { Route } from './route.ts';

const DefinitionParams = z.strictObject({ name: DefinitionName });

export const agentDefinitionRoutes = {
  listAgentDefinitions: {
    method: 'GET',
    path: '/api/definitions',
    tag: 'definitions',
    summary: 'Agent definitions, with what is wrong with their files and who uses them',
    permission: 'read',
    query: PageQuery,
    status: 200,
    response: z.array(AgentDefinitionEntry),
    paged: true,
  },
  importAgentDefinitions: {
    method: 'POST',
    path: '/api/definitions',
    tag: 'definitions',
    summary: 'Take over definition files, all or none',
    permission: 'administer',
    body: ImportAgentDefinitions,
    status: 200,
    response: ImportedAgentDefinitions,
    idempotent: true,
  },
  getAgentDefinition: {
    method: 'GET',
    path: '/api/definitions/{name}',
    tag: 'definitions',
    summary: 'One agent definition with its text',
    permission: 'read',
    params: DefinitionParams,
    status: 200,
    response: AgentDefinitionFile,
  },
  putAgentDefinition: {
    method: 'PUT',
    path: '/api/definitions/{name}',
    tag: 'definitions',
    summary: 'Write the whole text of a definition; its agents get it at their next start',
    permission: 'operate',
    params: DefinitionParams,
    body: PutAgentDefinition,
    status: 200,
    response: AgentDefinitionFile,
  },
  changeAgentDefinition: {
    method: 'PATCH',
    path: '/api/definitions/{name}',
    tag: 'definitions',
    summary: 'Change fields or instructions of a definition; everything else in its file stays',
    permission: 'operate',
    params: DefinitionParams,
    body: ChangeAgentDefinition,
    status: 200,
    response: AgentDefinitionFile,
  },
  deleteAgentDefinition: {
    method: 'DELETE',
    path: '/api/definitions/{name}',
    tag: 'definitions',
    summary: 'Remove a definition that no agent uses',
    permission: 'administer',
    params: DefinitionParams,
    status: 204,
    response: null,
  },
} as const satisfies Record<string, Route>;
