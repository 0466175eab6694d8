/**
 * Agents of kind `claude` in a terminal: Claude Code as a person uses it, watched through its hooks and its session
 * file, so that a person and a workflow can share one session.
 */
import { mkdir, rm } from 'node:fs/promises';
import { delimiter } from 'node:path';
import type { AgentDriver } from '../../../ports/agent-driver.ts';
import { claudeAdoption } from '../adopted/claude-adoption.ts';
import { CLAUDE_CLI } from '../claude-cli.ts';
import { CLAUDE_CREDENTIALS, claudeWorkspaceSettings, prepareClaude } from '../claude-home.ts';
import { claudeTranscript } from '../claude-transcript.ts';
import { connectInteractive } from './interactive-connection.ts';
import { sessionsFolder } from './session-file.ts';
import { terminalFiles, writeWhole, type TerminalFiles } from './terminal-files.ts';
import { EDITOR_SCRIPT, HOOK_SCRIPT } from './terminal-scripts.ts';

const HOOKS = ['SessionStart', 'UserPromptSubmit', 'PermissionRequest', 'Stop', 'StopFailure'] as const;
const HELD_HOOK_SECONDS = 604_800; // a week: people answer after a weekend
const HOOK_SECONDS = 60;

export function createClaudeInteractiveDriver(): AgentDriver {
  return {
    kind: 'claude',
    mode: 'tmux',
    cli: CLAUDE_CLI,
    directories: 'per_session',
    credentials: CLAUDE_CREDENTIALS,
    usesTools: true,
    workspaceSettings: claudeWorkspaceSettings,
    adoption: claudeAdoption,

    async launch(context) {
      const files = terminalFiles(context.directory);
      const claude = await prepareClaude(context, { hooks: hooks(files), statusLine: statusLine(files) });
      if (claude.outcome === 'unusable') return claude;
      await prepareFiles({ files, configDirectory: claude.configDirectory });
      return {
        outcome: 'ready',
        argv: [...claude.argv, ...claude.options],
        cwd: context.workspace,
        env: terminalEnvironment({ files, env: claude.env }),
      };
    },

    transcript: claudeTranscript,

    async connect({ session, context, observe }) {
      const files = terminalFiles(context.directory);
      return connectInteractive({ session, files, agentDirectory: context.directory, observe });
    },
  };
}

async function prepareFiles({
  files,
  configDirectory,
}: {
  files: TerminalFiles;
  configDirectory: string;
}): Promise<void> {
  const sessions = sessionsFolder(configDirectory);
  // Of a process before this one, whose number another may have by now.
  await rm(sessions, { recursive: true, force: true });
  for (const folder of [sessions, files.letters, files.bin, files.composer, files.tasks])
    await mkdir(folder, { recursive: true, mode: 0o700 });
  writeWhole(files.hook, HOOK_SCRIPT);
  writeWhole(files.editor, EDITOR_SCRIPT, 0o700);
  writeWhole(files.launch, JSON.stringify({ at: new Date().toISOString() }));
}

function hooks(files: TerminalFiles): Record<string, unknown> {
  const post = `sh ${quoted(files.hook)}`;
  return Object.fromEntries(
    HOOKS.map((event) => {
      const hook =
        event === 'PermissionRequest'
          ? { type: 'command', command: `${post} hold`, timeout: HELD_HOOK_SECONDS }
          : { type: 'command', command: post, timeout: HOOK_SECONDS };
      return [event, [{ hooks: [hook] }]];
    }),
  );
}

/** Prints nothing: it is there for what it is told, the cost among it. */
function statusLine(files: TerminalFiles): Record<string, unknown> {
  const cost = quoted(files.cost);
  return { type: 'command', command: `umask 077; cat >${cost}.new && mv ${cost}.new ${cost}` };
}

/**
 * Claude Code looks its editor up on the PATH and takes a path apart at blanks (2.1.330), and an agent's directory may
 * have some. Whatever else opens an editor gets the person's own.
 */
function terminalEnvironment({
  files,
  env,
}: {
  files: TerminalFiles;
  env: Record<string, string>;
}): Record<string, string> {
  return {
    ...env,
    PATH: `${files.bin}${delimiter}${env['PATH'] ?? '/usr/bin:/bin'}`,
    VISUAL: 'pointsman-editor',
    EDITOR: 'pointsman-editor',
    POINTSMAN_EDITOR: env['VISUAL'] || env['EDITOR'] || 'vi',
  };
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
