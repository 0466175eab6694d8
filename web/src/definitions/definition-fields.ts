/** The fields of an agent definition as a person types them, and what is sent of them; pure. */
import type { AgentDefinitionFile, ChangeAgentDefinition } from '../../../src/contract/agent-definitions.ts';
import type { Problem } from '../../../src/contract/problem.ts';

export interface TypedFields {
  name: string;
  description: string;
  model: string;
  /** Empty: the file names none. */
  permissionMode: string;
  /** With commas between them; empty: the file names none. */
  tools: string;
  disallowedTools: string;
  instructions: string;
}

export const NOTHING_TYPED: TypedFields = {
  name: '',
  description: '',
  model: '',
  permissionMode: '',
  tools: '',
  disallowedTools: '',
  instructions: '',
};

/** What the contract says of a name, which is part of an address and so has to fit before it is sent. */
export const FIT_NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,59}$/u;

export const PERMISSION_MODES = ['manual', 'acceptEdits', 'plan', 'dontAsk', 'auto', 'bypassPermissions'] as const;
type PermissionMode = (typeof PERMISSION_MODES)[number];

export function typedFields(file: AgentDefinitionFile): TypedFields {
  return {
    name: file.name,
    description: file.description ?? '',
    model: file.model ?? '',
    permissionMode: file.permissionMode ?? '',
    tools: file.tools?.join(', ') ?? '',
    disallowedTools: file.disallowedTools?.join(', ') ?? '',
    instructions: file.instructions ?? '',
  };
}

/** Only what differs: every other field of the file stays as it is written there. */
export function changedFields(before: TypedFields, after: TypedFields): ChangeAgentDefinition {
  const changed = (name: keyof TypedFields): boolean => before[name] !== after[name];
  return {
    ...(changed('description') ? { description: after.description } : {}),
    ...(changed('instructions') ? { instructions: after.instructions } : {}),
    ...(changed('model') ? { model: after.model.trim() || null } : {}),
    ...(changed('permissionMode') ? { permissionMode: modeOf(after.permissionMode) } : {}),
    ...(changed('tools') ? { tools: toolsOf(after.tools) } : {}),
    ...(changed('disallowedTools') ? { disallowedTools: toolsOf(after.disallowedTools) } : {}),
  };
}

/** The file that a new definition begins as. A text in double quotes is YAML whatever is in it. */
export function newDefinitionText(typed: TypedFields): string {
  const line = (name: keyof TypedFields): string[] =>
    typed[name].trim() === '' ? [] : [`${name}: ${scalar(typed[name].trim())}`];
  return [
    '---',
    `name: ${scalar(typed.name.trim())}`,
    `description: ${scalar(typed.description.trim())}`,
    ...line('tools'),
    ...line('disallowedTools'),
    ...line('model'),
    ...line('permissionMode'),
    '---',
    '',
    ...(typed.instructions.trim() === '' ? [] : [typed.instructions.trimEnd(), '']),
  ].join('\n');
}

/** What is wrong, by field; what belongs to none is under ''. */
export function problemsByField(problems: readonly Problem[]): Partial<Record<keyof TypedFields | '', Problem[]>> {
  const found: Partial<Record<keyof TypedFields | '', Problem[]>> = {};
  for (const problem of problems) {
    const name = problem.path.replace(/^\/text/, '').split('/')[1] ?? '';
    const field = name in NOTHING_TYPED ? (name as keyof TypedFields) : '';
    found[field] = [...(found[field] ?? []), problem];
  }
  return found;
}

/** Plain where YAML reads it as the same text, so that files look as people write them. */
function scalar(text: string): string {
  const plain = /^[A-Za-z][\w .,()'/-]*$/.test(text) && !/^(?:true|false|null|yes|no|on|off)$/i.test(text);
  return plain ? text : JSON.stringify(text);
}

/** A comma in brackets belongs to the tool: `Bash(git add, git commit)`. */
function toolsOf(text: string): string[] | null {
  const tools = text
    .split(/,(?![^(]*\))/)
    .map((tool) => tool.trim())
    .filter(Boolean);
  return tools.length > 0 ? tools : null;
}

function modeOf(text: string): PermissionMode | null {
  return PERMISSION_MODES.find((mode) => mode === text) ?? null;
}
