/**
 * `npm run sweep [-- --graph NAME] [--jobs J] [--second N]`: every crash point of every graph in test/sweep, on the sources
 * as they are. With `--processes` after it real servers, killed at every point (test/e2e/crash-sweep.test.ts).
 */
import { ensureBuilt } from './lib/build.mjs';
import { ensureDependencies } from './lib/dependencies.mjs';
import { inRoot, node24, run, runScript } from './lib/project.mjs';
import { ensurePrograms } from './lib/system-programs.mjs';

await runScript(async () => {
  const given = process.argv.slice(2);
  await ensureDependencies();
  let status = await run(node24(), [inRoot('test/sweep/main.ts'), ...given.filter((word) => word !== '--processes')]);
  if (given.includes('--processes')) {
    await ensurePrograms(['tmux', 'git']);
    await ensureBuilt();
    const vitest = [
      inRoot('node_modules/vitest/vitest.mjs'),
      'run',
      '--project',
      'e2e',
      'test/e2e/crash-sweep.test.ts',
    ];
    const env = { ...process.env, POINTSMAN_TEST_SWEEP: 'all' };
    status = (await run(node24(), vitest, { env })) || status;
  }
  process.exitCode = status;
});
