/** `npm run build`: the whole dist/, from what is in the checkout now. */
import { ensureBuilt } from './lib/build.mjs';
import { ensureDependencies } from './lib/dependencies.mjs';
import { runScript } from './lib/project.mjs';

await runScript(async () => {
  await ensureDependencies();
  await ensureBuilt({ force: true });
});
