/**
 * What both ways of running Claude Code share: the program, a configuration directory of the agent's own in which no
 * first-start dialog is left to appear, the conversation's id, and the options that say what it may do.
 */
import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, stat, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { LaunchContext } from '../../ports/agent-driver.ts';
import { originOf } from '../conversation-origin.ts';
import { findProgram } from '../find-program.ts';
import { storeConversation, storedConversation, writePrivate } from '../private-file.ts';
import { settingsIn } from '../workspace-settings.ts';
import { bringConversation } from './adopted/bring-conversation.ts';

/** Variables by which people sign Claude Code in; an agent without its own gets the server's. */
export const CLAUDE_CREDENTIALS = [
  'ANTHROPIC_API_KEY',
  'ANTHROPIC_AUTH_TOKEN',
  'ANTHROPIC_BASE_URL',
  'CLAUDE_CODE_OAUTH_TOKEN',
] as const;

/** What Claude Code acts on by itself in a directory. */
export const claudeWorkspaceSettings = settingsIn('.mcp.json', '.claude');

/** No update, no telemetry, nothing sent that is not the work itself. */
const QUIET = {
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  DISABLE_AUTOUPDATER: '1',
  DISABLE_TELEMETRY: '1',
  DISABLE_ERROR_REPORTING: '1',
};

export type PreparedClaude =
  | {
      outcome: 'ready';
      /** The program and what a person put before our options. */
      argv: [string, ...string[]];
      options: string[];
      env: Record<string, string>;
      configDirectory: string;
      conversation: Conversation;
    }
  | { outcome: 'unusable'; status: 'auth_failed' | 'crashed'; reason: string };

export interface Conversation {
  id: string;
  /** Claude Code has a record of it, so it can only be resumed, not begun. */
  begun: boolean;
}

/** `settings` are added to the settings of this session alone, e.g. hooks. */
export async function prepareClaude(
  context: LaunchContext,
  settings: Record<string, unknown> = {},
): Promise<PreparedClaude> {
  const argv = context.command ? [...context.command] : ['claude'];
  const program = await findProgram(argv[0] ?? 'claude', context.env['PATH'] ?? '');
  if (program === null)
    return {
      outcome: 'unusable',
      status: 'auth_failed',
      reason: `${argv[0] ?? 'claude'} is not installed where agents look (PATH of the server); install it with \`npm install -g @anthropic-ai/claude-code\`, sign in with \`claude\`, and start the agent again`,
    };
  if (context.permissionMode === 'bypassPermissions' && process.getuid?.() === 0 && context.env['IS_SANDBOX'] !== '1')
    return {
      outcome: 'unusable',
      status: 'crashed',
      reason:
        'Claude Code refuses bypassPermissions as root; run Pointsman as an ordinary user, or set IS_SANDBOX=1 for the agent inside a real sandbox',
    };

  const configDirectory = claudeDirectory(context.directory);
  await mkdir(configDirectory, { recursive: true, mode: 0o700 });
  await seedState(configDirectory, context);
  await linkCredentials(configDirectory, context.env);
  const conversation = await chooseConversation(context);
  return {
    outcome: 'ready',
    argv: [program, ...argv.slice(1)],
    options: [
      '--permission-mode',
      context.permissionMode,
      ...(conversation.begun ? ['--resume', conversation.id] : ['--session-id', conversation.id]),
      ...(context.model ? ['--model', context.model] : []),
      '--settings',
      await written(join(configDirectory, 'pointsman-settings.json'), {
        ...settings,
        skipDangerousModePermissionPrompt: true,
        ...(context.tools ? { permissions: { allow: ['mcp__pointsman'] } } : {}),
      }),
      ...cliTools(context.cliTools),
      ...(context.instructions
        ? [
            '--append-system-prompt-file',
            await written(join(configDirectory, 'pointsman-instructions.md'), context.instructions),
          ]
        : []),
      ...((await saysOtherwise(configDirectory, context.instructions ?? '', conversation))
        ? ['--system-prompt-snapshot', 'off']
        : []),
      ...(context.tools
        ? ['--mcp-config', await writeTools(configDirectory, context.tools), '--strict-mcp-config']
        : []),
    ],
    env: { ...context.env, ...QUIET, CLAUDE_CONFIG_DIR: configDirectory },
    configDirectory,
    conversation,
  };
}

/** Only names: what a tool may do is asked about at its use. Tools of servers are not the CLI's to leave out. */
function cliTools(tools: LaunchContext['cliTools']): string[] {
  if (!tools) return [];
  const names = tools.only?.includes('*') ? undefined : tools.only?.filter((tool) => !tool.startsWith('mcp__'));
  return [
    ...(names ? ['--tools', [...new Set(names.map((tool) => tool.replace(/\(.*$/s, '')))].join(',')] : []),
    ...(tools.without.length > 0 ? ['--disallowedTools', tools.without.join(',')] : []),
  ];
}

/**
 * A conversation keeps the system prompt of its first request, whatever a later launch says (2.1.330), unless it is told
 * not to: then it renders the prompt anew each time, which costs cache. So only where the words have changed since.
 */
async function saysOtherwise(
  configDirectory: string,
  instructions: string,
  conversation: Conversation,
): Promise<boolean> {
  const file = join(configDirectory, 'pointsman-first-instructions.md');
  if (conversation.begun) return (await readFile(file, 'utf8').catch(() => null)) !== instructions;
  await written(file, instructions);
  return false;
}

export function claudeDirectory(agentDirectory: string): string {
  return join(agentDirectory, 'claude');
}

/** Every conversation of the agent: a file for each directory it was held in, none before its first prompt. */
export async function claudeTranscripts(configDirectory: string): Promise<string[]> {
  const projects = join(configDirectory, 'projects');
  const files: string[] = [];
  for (const project of await readdir(projects).catch(() => []))
    for (const name of await readdir(join(projects, project)).catch(() => []))
      if (name.endsWith('.jsonl')) files.push(join(projects, project, name));
  return files;
}

async function chooseConversation(context: LaunchContext): Promise<Conversation> {
  const stored = context.fresh ? null : await storedConversation(context.directory);
  if (stored !== null) {
    const own = claudeDirectory(context.directory);
    const origin = await originOf(context.directory);
    if (origin !== null) await bringConversation({ from: origin, to: own, conversation: stored });
    const all = await claudeTranscripts(own);
    const records = all.filter((file) => basename(file) === `${stored}.jsonl`);
    if (records.length === 0) return { id: stored, begun: false };
    for (const record of records) if (await wasAnswered(record)) return { id: stored, begun: true };
  }
  const id = randomUUID();
  await storeConversation(context.directory, id);
  return { id, begun: false };
}

/** One that ended before the first answer can neither be resumed nor begun again (2.1.330: “No conversation found”). */
async function wasAnswered(transcript: string): Promise<boolean> {
  const rows = createInterface({ input: createReadStream(transcript, 'utf8') });
  for await (const row of rows) if (row.includes('"type":"assistant"')) return true;
  return false;
}

/** Answers the dialogs of a first start beforehand; what Claude Code wrote into its state stays. */
async function seedState(configDirectory: string, { workspace, env }: LaunchContext): Promise<void> {
  const file = join(configDirectory, '.claude.json');
  const state = objectOf(await readFile(file, 'utf8').catch(() => '{}'));
  const projects = objectIn(state, 'projects');
  const keys = objectIn(state, 'customApiKeyResponses');
  const approved = Array.isArray(keys['approved']) ? keys['approved'] : [];
  const key = env['ANTHROPIC_API_KEY']?.slice(-20); // Claude Code remembers an approved key by its end
  await written(file, {
    ...state,
    hasCompletedOnboarding: true,
    projects: { ...projects, [workspace]: { ...objectIn(projects, workspace), hasTrustDialogAccepted: true } },
    ...(key ? { customApiKeyResponses: { ...keys, approved: [...new Set([...approved, key])] } } : {}),
  });
}

/** The person's own sign-in, by a link: a copy would go stale when its token is renewed. */
async function linkCredentials(configDirectory: string, env: LaunchContext['env']): Promise<void> {
  if (CLAUDE_CREDENTIALS.some((name) => name !== 'ANTHROPIC_BASE_URL' && env[name])) return;
  const own = join(env['CLAUDE_CONFIG_DIR'] ?? join(env['HOME'] ?? '/', '.claude'), '.credentials.json');
  if (!(await stat(own).catch(() => null))) return;
  await symlink(own, join(configDirectory, '.credentials.json')).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  });
}

async function writeTools(configDirectory: string, tools: NonNullable<LaunchContext['tools']>): Promise<string> {
  return written(join(configDirectory, 'pointsman-tools.json'), {
    mcpServers: {
      pointsman: { type: 'http', url: tools.url, headers: { Authorization: `Bearer ${tools.token}` } },
    },
  });
}

async function written(file: string, content: string | object): Promise<string> {
  await writePrivate(file, typeof content === 'string' ? content : JSON.stringify(content, null, 2));
  return file;
}

function objectOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {}; // a half-written state file is Claude Code's own loss; it starts with a new one too
  }
}

function objectIn(holder: Record<string, unknown>, name: string): Record<string, unknown> {
  const value = holder[name];
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
