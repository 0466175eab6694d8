/** Who is in the starter team, and what each is good for; what they are told lies in examples/team. */

export interface StarterAgent {
  name: string;
  role: string;
  capabilities: string[];
}

/** In the order in which they are created, and so shown. Shells run commands: they claim no capability that needs a model. */
export const STARTER_TEAM: readonly StarterAgent[] = [
  { name: 'architect', role: 'Architect', capabilities: ['shell', 'docs'] },
  { name: 'backend', role: 'Backend', capabilities: ['shell', 'build'] },
  { name: 'frontend', role: 'Frontend', capabilities: ['shell', 'build'] },
  { name: 'database', role: 'Database', capabilities: ['shell', 'sql'] },
  { name: 'tester', role: 'Tester', capabilities: ['shell', 'tests'] },
  { name: 'reviewer', role: 'Reviewer', capabilities: ['shell', 'checks'] },
  { name: 'release', role: 'Release', capabilities: ['shell', 'release'] },
];
