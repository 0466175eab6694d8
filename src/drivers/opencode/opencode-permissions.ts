/**
 * What an agent may do without asking, as rules of opencode: one for each kind of thing it does, the last that fits
 * decides. Reading what looks like secrets (`.env`) is asked for wherever anything is.
 *
 *     manual             reads, lists and searches the workspace; asks before everything else
 *     acceptEdits        the same, and changes files of the workspace
 *     auto               everything but leaving the workspace and going in circles, which it asks for (opencode's own way)
 *     dontAsk            as manual, and what would be asked fails
 *     plan               reads and searches, also the web, as opencode's agent `plan`; everything else fails
 *     bypassPermissions  everything
 */
import type { LaunchContext } from '../../ports/agent-driver.ts';

type Action = 'allow' | 'ask' | 'deny';

export interface Rule {
  permission: string;
  pattern: string;
  action: Action;
}

/** As opencode's configuration has them: in the order in which they are looked through. */
export type PermissionConfig = Record<string, Action | Record<string, Action>>;

const OUR_TOOLS = { 'pointsman_*': 'allow' } as const;

const READING = {
  read: { '*': 'allow', '*.env': 'ask', '*.env.*': 'ask', '*.env.example': 'allow' },
  glob: 'allow',
  grep: 'allow',
  list: 'allow',
  lsp: 'allow',
  skill: 'allow',
  todowrite: 'allow',
  // What its helpers do is asked for as if it did it itself.
  task: 'allow',
  question: 'allow',
} as const satisfies PermissionConfig;

const CONFIGS: Record<LaunchContext['permissionMode'], PermissionConfig> = {
  manual: { '*': 'ask', ...READING, ...OUR_TOOLS },
  acceptEdits: { '*': 'ask', ...READING, edit: 'allow', ...OUR_TOOLS },
  auto: { '*': 'allow', ...READING, external_directory: 'ask', doom_loop: 'ask', ...OUR_TOOLS },
  dontAsk: { '*': 'deny', ...withoutAsking(READING), ...OUR_TOOLS },
  plan: { '*': 'deny', ...withoutAsking(READING), webfetch: 'allow', websearch: 'allow', ...OUR_TOOLS },
  bypassPermissions: { '*': 'allow', ...OUR_TOOLS },
};

export function permissionConfig(mode: LaunchContext['permissionMode']): PermissionConfig {
  return CONFIGS[mode];
}

/** The same for one session, which decides over what a configuration of the workspace says of an agent. */
export function permissionRules(mode: LaunchContext['permissionMode']): Rule[] {
  return Object.entries(CONFIGS[mode]).flatMap(([permission, patterns]) =>
    Object.entries(typeof patterns === 'string' ? { '*': patterns } : patterns).map(([pattern, action]) => ({
      permission,
      pattern,
      action,
    })),
  );
}

/** opencode's own: `plan` also tells the model that it only plans. */
export function agentFor(mode: LaunchContext['permissionMode']): 'plan' | 'build' {
  return mode === 'plan' ? 'plan' : 'build';
}

function withoutAsking(config: PermissionConfig): PermissionConfig {
  const never = (action: Action): Action => (action === 'ask' ? 'deny' : action);
  return Object.fromEntries(
    Object.entries(config).map(([permission, patterns]) => [
      permission,
      typeof patterns === 'string'
        ? never(patterns)
        : Object.fromEntries(Object.entries(patterns).map(([pattern, action]) => [pattern, never(action)])),
    ]),
  );
}
