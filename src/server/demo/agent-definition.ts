/** Reads an agent definition: Markdown with front matter, the format that several agent CLIs share. Starts nothing. */
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { PointsmanError } from '../../contract/errors.ts';

export interface AgentDefinition {
  name: string;
  description: string;
  /** Left out: every tool the CLI has. */
  tools?: string[];
  model?: string;
  /** The Markdown below the front matter. */
  instructions: string;
}

/** Tools come as a list, or as one text with commas. Fields of other CLIs are let through and not read. */
const FrontMatter = z.object({
  name: z.string().trim().min(1),
  description: z.string().trim().min(1),
  tools: z
    .union([z.array(z.string()), z.string().transform((text) => text.split(','))])
    .transform((tools) => tools.map((tool) => tool.trim()).filter((tool) => tool !== ''))
    .optional(),
  model: z.string().trim().min(1).optional(),
});

/** Throws INVALID_REQUEST, with the field, when it is not a definition. */
export function parseAgentDefinition(text: string): AgentDefinition {
  const found = /^\uFEFF?---[ \t]*\r?\n([\s\S]*?)^---[ \t]*(?:\r?\n([\s\S]*))?$/m.exec(text);
  if (!found || found.index !== 0)
    throw invalid('', 'An agent definition begins with front matter between two lines of ---.');
  const parsed = FrontMatter.safeParse(frontMatter(found[1] ?? ''));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = issue?.path.map(String).join('/') ?? '';
    throw invalid(
      field === '' ? '' : `/${field}`,
      field === ''
        ? 'The front matter must be a map of fields.'
        : `“${field}” ${issue?.code === 'invalid_type' ? 'is missing or of the wrong type' : 'is not valid'}.`,
    );
  }
  const { name, description, tools, model } = parsed.data;
  return {
    name,
    description,
    ...(tools ? { tools } : {}),
    ...(model ? { model } : {}),
    instructions: (found[2] ?? '').trim(),
  };
}

function frontMatter(text: string): unknown {
  try {
    return parseYaml(text);
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    throw invalid('', `The front matter is not valid YAML: ${reason}`);
  }
}

function invalid(path: string, message: string): PointsmanError {
  return new PointsmanError('INVALID_REQUEST', {
    detail: message,
    problems: [{ path, code: 'INVALID_VALUE', message, severity: 'error' }],
  });
}
