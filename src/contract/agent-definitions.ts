/** Agent definitions on the wire: Markdown files with front matter, in Claude Code's format of agents. */
import { z } from 'zod';
import { PermissionMode } from './agents.ts';
import { Problem } from './problem.ts';

export const DEFINITION_MAX_LENGTH = 200_000;

/** Also the name of its file, so it begins with a letter or digit and holds no slash. */
export const DefinitionName = z
  .string()
  .regex(/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,59}$/u, 'must be letters, digits, spaces and . _ -, at most 60');

/** What a definition says. Fields that only Claude Code reads stay in the text. */
export const AgentDefinition = z.strictObject({
  name: DefinitionName,
  description: z.string(),
  /** Left out: every tool the CLI has. */
  tools: z.array(z.string()).optional(),
  disallowedTools: z.array(z.string()).optional(),
  model: z.string().optional(),
  permissionMode: PermissionMode.optional(),
  instructions: z.string(),
});
export type AgentDefinition = z.infer<typeof AgentDefinition>;

const said = AgentDefinition.omit({ name: true }).partial().shape;
const { instructions, ...withoutInstructions } = said;

export const AgentDefinitionEntry = z
  .strictObject({
    name: z.string(),
    /** In the folder of definitions. */
    file: z.string(),
    /** A number that its text gives: the same text has the same version. For If-Match. */
    version: z.number().int(),
    /** What is in force: with `problems`, what the file said before. */
    ...withoutInstructions,
    problems: z.array(Problem),
    /** Names of the agents that use it. */
    agents: z.array(z.string()),
  })
  .meta({ id: 'AgentDefinitionEntry' });
export type AgentDefinitionEntry = z.infer<typeof AgentDefinitionEntry>;

export const AgentDefinitionFile = AgentDefinitionEntry.extend({ instructions, text: z.string() }).meta({
  id: 'AgentDefinitionFile',
});
export type AgentDefinitionFile = z.infer<typeof AgentDefinitionFile>;

/** What is in the text is said by its problems, with line and field; here only that it is one. */
const Text = z.string().max(1_048_576);

export const PutAgentDefinition = z.strictObject({ text: Text }).meta({ id: 'PutAgentDefinition' });

/** What is left out stays, also every field that is not known here; null takes a field away. */
export const ChangeAgentDefinition = z
  .strictObject({
    description: z.string().trim().min(1).max(10_000),
    instructions: z.string().max(DEFINITION_MAX_LENGTH),
    tools: z.array(z.string().trim().min(1).max(200)).max(200).nullable(),
    disallowedTools: z.array(z.string().trim().min(1).max(200)).max(200).nullable(),
    model: z.string().trim().min(1).max(120).nullable(),
    permissionMode: PermissionMode.nullable(),
  })
  .partial()
  .meta({ id: 'ChangeAgentDefinition' });
export type ChangeAgentDefinition = z.infer<typeof ChangeAgentDefinition>;

export const ImportAgentDefinitions = z
  .strictObject({
    files: z
      .array(z.strictObject({ file: z.string().min(1).max(255), text: Text }))
      .min(1)
      .max(500),
    /** Overwrite definitions that exist and say something else. */
    replace: z.boolean().optional(),
  })
  .meta({ id: 'ImportAgentDefinitions' });
export type ImportAgentDefinitions = z.infer<typeof ImportAgentDefinitions>;

export const ImportedAgentDefinitions = z
  .array(z.strictObject({ name: z.string(), outcome: z.enum(['created', 'changed', 'unchanged']) }))
  .meta({ id: 'ImportedAgentDefinitions' });
export type ImportedAgentDefinitions = z.infer<typeof ImportedAgentDefinitions>;
