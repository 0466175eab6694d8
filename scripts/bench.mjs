/** `npm run bench [name …]`: runs bench/*.ts one after the other, each in a Node of its own, on the sources as they are. */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { ensureDependencies } from './lib/dependencies.mjs';
import { Stop, inRoot, node24, run, runScript, say } from './lib/project.mjs';
import { ensurePrograms } from './lib/system-programs.mjs';

await runScript(async () => {
  const all = existsSync(inRoot('bench')) ? readdirSync(inRoot('bench')).filter((name) => name.endsWith('.ts')) : [];
  const wanted = process.argv.slice(2);
  const unknown = wanted.filter((name) => !all.includes(`${name}.ts`));
  if (unknown.length > 0)
    throw new Stop(
      `There is no benchmark ${unknown.join(', ')}. There are: ${all.map((name) => name.slice(0, -3)).join(', ')}`,
    );
  await ensurePrograms(['tmux', 'git']);
  await ensureDependencies();
  mkdirSync(inRoot('bench-results'), { recursive: true });
  const chosen = wanted.length > 0 ? wanted.map((name) => `${name}.ts`) : all;
  let failed = 0;
  for (const file of chosen) {
    say(`\n— ${file}`);
    if ((await run(node24(), [inRoot('bench', file)])) !== 0) failed += 1;
  }
  say(`\n${chosen.length - failed} benchmarks done, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
});
