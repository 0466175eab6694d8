/** `npm run check`: format, lint, types and the tests that need nothing. Stops at the first failure. */
import { existsSync } from 'node:fs';
import { ensureDependencies } from './lib/dependencies.mjs';
import { Stop, inRoot, node24, run, runScript, say } from './lib/project.mjs';

const STEPS = [
  { name: 'format', script: 'oxfmt/bin/oxfmt', args: ['--check'], advice: 'Run `npm run format`.' },
  { name: 'lint', script: 'oxlint/bin/oxlint', args: ['--type-aware'] },
  { name: 'types', script: 'typescript/bin/tsc', args: ['-b'] },
  {
    name: 'types of the web app',
    script: 'typescript/bin/tsc',
    args: ['-p', 'web', '--noEmit'],
    when: 'web/tsconfig.json',
  },
  { name: 'unit tests', script: 'vitest/vitest.mjs', args: ['run', '--project', 'unit'] },
];

/** `npm test` simulates more executions than every commit needs to. */
const env = { ...process.env, POINTSMAN_TEST_SEEDS: '40' };

await runScript(async () => {
  await ensureDependencies();
  for (const step of STEPS) {
    if (step.when && !existsSync(inRoot(step.when))) continue;
    const started = Date.now();
    const status = await run(node24(), [inRoot('node_modules', step.script), ...step.args], { env });
    if (status !== 0) throw new Stop(`check: ${step.name} failed. ${step.advice ?? ''}`);
    say(`check: ${step.name} ✓ ${((Date.now() - started) / 1000).toFixed(1)} s`);
  }
});
