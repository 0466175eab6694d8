/** The fields of a new agent as a person types them, what is sent of them, and where its problems belong; pure. */
import type { AgentKind, CreateAgent } from '../../../src/contract/agents.ts';
import type { Problem } from '../../../src/contract/problem.ts';
import { PERMISSION_MODES } from '../definitions/definition-fields.ts';
import { t } from '../words/words.ts';

export interface TypedAgent {
  kind: AgentKind;
  name: string;
  role: string;
  /** Empty: what the kind can. */
  mode: '' | 'tmux' | 'headless';
  directory: string;
  apart: boolean;
  model: string;
  permissionMode: string;
  /** Name of a definition; empty: words of its own, or none. */
  definition: string;
  instructions: string;
  command: string;
  /** A line each: NAME=value. */
  env: string;
  autostart: boolean;
}
export type AgentField = keyof TypedAgent;

export const NEW_AGENT: TypedAgent = {
  kind: 'claude',
  name: '',
  role: '',
  mode: '',
  directory: '',
  apart: false,
  model: '',
  permissionMode: '',
  definition: '',
  instructions: '',
  command: '',
  env: '',
  autostart: true,
};

interface Kind {
  kind: AgentKind;
  name: string;
  about: string;
  /** As doctor calls its program; null: it needs none. */
  check: string | null;
  modes: readonly ('tmux' | 'headless')[];
}

export const KINDS: readonly Kind[] = [
  {
    kind: 'claude',
    name: t('Claude Code'),
    about: t('In a terminal or without'),
    check: 'claude',
    modes: ['tmux', 'headless'],
  },
  { kind: 'codex', name: t('Codex'), about: t('By its app server'), check: 'codex', modes: ['headless'] },
  {
    kind: 'gemini',
    name: t('Gemini CLI'),
    about: t('By the Agent Client Protocol'),
    check: 'gemini',
    modes: ['headless'],
  },
  { kind: 'opencode', name: 'opencode', about: t('By its server'), check: 'opencode', modes: ['headless'] },
  {
    kind: 'acp',
    name: t('Another CLI'),
    about: t('That speaks the Agent Client Protocol'),
    check: null,
    modes: ['headless'],
  },
  { kind: 'shell', name: t('Shell'), about: t('Runs command lines'), check: null, modes: ['tmux', 'headless'] },
];

export const kindOf = (kind: AgentKind): Kind => KINDS.find((each) => each.kind === kind) ?? (KINDS.at(-1) as Kind);

/** Which fields say something for this kind; the others are not shown and not sent. */
export function fieldsOf({ kind, definition }: Pick<TypedAgent, 'kind' | 'definition'>): ReadonlySet<AgentField> {
  const always: AgentField[] = ['kind', 'name', 'role', 'directory', 'apart', 'env', 'autostart'];
  const speaks = kind !== 'shell';
  return new Set([
    ...always,
    ...(kindOf(kind).modes.length > 1 ? (['mode'] as const) : []),
    ...(speaks ? (['model', 'permissionMode', 'definition'] as const) : []),
    ...(speaks && definition === '' ? (['instructions'] as const) : []),
    ...(kind === 'acp' || kind === 'shell' ? (['command'] as const) : []),
  ]);
}

export type Checked = { body: CreateAgent; problems: [] } | { body: null; problems: Problem[] };

/** What is sent, or what the server could not even be asked. */
export function checkedAgent(typed: TypedAgent): Checked {
  const shown = fieldsOf(typed);
  const problems: Problem[] = [];
  const wrong = (path: string, message: string) =>
    void problems.push({ path, code: 'INVALID_VALUE', message, severity: 'error' });
  if (typed.name.trim() === '') wrong('/name', t('Give it a name.'));
  if (!typed.directory.trim().startsWith('/'))
    wrong('/workspace/path', t('A full path on the server, beginning with /.'));
  const command = shown.has('command') ? commandWords(typed.command) : [];
  if (command === null) wrong('/command', t('A quote is not closed.'));
  else if (typed.kind === 'acp' && command.length === 0) wrong('/command', t('Say which program to run.'));
  const env = environment(typed.env);
  if (typeof env === 'string') wrong('/env', env);
  if (problems.length > 0 || command === null || typeof env === 'string') return { body: null, problems };
  const text = (field: 'role' | 'model' | 'definition' | 'instructions') =>
    shown.has(field) && typed[field].trim() !== '' ? { [field]: typed[field].trim() } : {};
  const mode = PERMISSION_MODES.find((each) => each === typed.permissionMode);
  return {
    problems: [],
    body: {
      kind: typed.kind,
      name: typed.name.trim(),
      workspace: { path: typed.directory.trim(), ...(typed.apart ? { isolation: 'worktree' as const } : {}) },
      ...(shown.has('mode') && typed.mode !== '' ? { mode: typed.mode } : {}),
      ...text('role'),
      ...text('model'),
      ...text('definition'),
      ...text('instructions'),
      ...(shown.has('permissionMode') && mode ? { permissionMode: mode } : {}),
      ...(command.length > 0 ? { command } : {}),
      ...(Object.keys(env).length > 0 ? { env } : {}),
      autostart: typed.autostart,
    },
  };
}

/** A line as a shell would split it, without anything being filled in; null when a quote is left open. */
export function commandWords(line: string): string[] | null {
  const words: string[] = [];
  let word: string | null = null;
  let quote = '';
  for (let at = 0; at < line.length; at += 1) {
    const letter = line[at] ?? '';
    if (quote !== '') {
      if (letter === quote) quote = '';
      else if (letter === '\\' && quote === '"' && /["\\]/.test(line[at + 1] ?? ''))
        word = (word ?? '') + line[(at += 1)];
      else word = (word ?? '') + letter;
    } else if (letter === '"' || letter === "'") {
      quote = letter;
      word ??= '';
    } else if (letter === '\\' && at + 1 < line.length) word = (word ?? '') + line[(at += 1)];
    else if (/\s/.test(letter)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? '') + letter;
  }
  if (quote !== '') return null;
  return word === null ? words : [...words, word];
}

/** What is wrong, by field; what belongs to none is under ''. */
export function agentProblems(problems: readonly Problem[]): Partial<Record<AgentField | '', Problem[]>> {
  const found: Partial<Record<AgentField | '', Problem[]>> = {};
  for (const problem of problems) {
    const [head = '', rest = ''] = problem.path.split('/').slice(1);
    const field: AgentField | '' =
      head === 'workspace'
        ? rest === 'isolation'
          ? 'apart'
          : 'directory'
        : head in NEW_AGENT
          ? (head as AgentField)
          : '';
    found[field] = [...(found[field] ?? []), problem];
  }
  return found;
}

function environment(text: string): Record<string, string> | string {
  const env: Record<string, string> = {};
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const [, name = '', value = ''] = /^\s*([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line) ?? [];
    if (name === '') return t('“{slice}” is not of the form NAME=value.', { slice: line.trim().slice(0, 40) });
    env[name] = value.replace(/\r$/, '');
  }
  return env;
}
