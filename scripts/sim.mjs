/** `npm run sim -- --seeds N [--from S]` or `-- --seed S --verbose`: the simulator in test/simulator, on the sources as they are. */
import { ensureDependencies } from './lib/dependencies.mjs';
import { inRoot, node24, run, runScript } from './lib/project.mjs';

await runScript(async () => {
  await ensureDependencies();
  process.exitCode = await run(node24(), [inRoot('test/simulator/main.ts'), ...process.argv.slice(2)]);
});
