/** Who is in the starter team, and what each is good for; what they are told lies in examples/team. */
import type { CreateAgent } from '../../contract/agents.ts';

export interface StarterAgent extends Pick<CreateAgent, 'name' | 'kind' | 'mode' | 'permissionMode'> {
  role: string;
  capabilities: string[];
  /** Its definition; the file lies in examples/team. */
  definition: string;
}

const shell = (name: string, role: string, capability: string): StarterAgent => ({
  name,
  kind: 'shell',
  role,
  capabilities: ['shell', capability],
  definition: name,
});

/** In the order in which they are created, and so shown. Shells run commands: they claim no capability that needs a model. */
export const STARTER_TEAM: readonly StarterAgent[] = [
  shell('architect', 'Architect', 'docs'),
  shell('backend', 'Backend', 'build'),
  shell('frontend', 'Frontend', 'build'),
  shell('database', 'Database', 'sql'),
  shell('tester', 'Tester', 'tests'),
  shell('reviewer', 'Reviewer', 'checks'),
  shell('release', 'Release', 'release'),
];

/** Joins the team where Claude Code is found; “Ship a change” is for these two. */
export const CLAUDE_TEAM: readonly StarterAgent[] = [
  {
    name: 'planner',
    kind: 'claude',
    mode: 'headless',
    permissionMode: 'manual',
    role: 'Planner',
    capabilities: ['planning'],
    definition: 'architect',
  },
  {
    name: 'coder',
    kind: 'claude',
    mode: 'tmux',
    permissionMode: 'acceptEdits',
    role: 'Coder',
    capabilities: ['coding'],
    definition: 'backend',
  },
];
