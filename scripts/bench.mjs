/**
 * `npm run bench [name …]`: runs bench/*.ts one after the other, each in a Node of its own, on the sources as they are.
 * `npm run bench -- --engine`: only those of the workflow engine. `npm run bench -- --peers`: the same, with others beside us,
 * which are installed into this user's cache.
 * `npm run bench -- --web [name …]`: only those of the web app in a real browser, one file of bench/web each.
 * `npm run bench -- --agents [--cli NAME] [--transitions N] [--seed N] [--scene TEXT]`: only whether the announced status
 * of agents is true, which takes half an hour and real agent CLIs.
 */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { ensureAgentClis } from './lib/agent-clis.mjs';
import { ensureBuilt } from './lib/build.mjs';
import { ensureDependencies } from './lib/dependencies.mjs';
import { Stop, inRoot, node24, run, runScript, say } from './lib/project.mjs';
import { ensurePrograms } from './lib/system-programs.mjs';

const SOAK = 'agents-status';
const ENGINE = ['durable-step', 'engine-requests', 'engine-restarts', 'engine-lists', 'engine-validation'];

await runScript(async () => {
  const all = [...programsIn('bench'), ...programsIn('bench/web')];
  const [first, ...rest] = process.argv.slice(2);
  const aboutAgents = first === '--agents';
  const withPeers = first === '--peers';
  const inBrowser = first === '--web';
  const wanted = aboutAgents
    ? [SOAK]
    : inBrowser
      ? (rest.length > 0 ? rest : programsIn('bench/web').map((file) => file.slice('web/'.length, -3))).map(
          (name) => `web/${name}`,
        )
      : first === '--engine' || withPeers
        ? rest.length > 0
          ? rest
          : ENGINE
        : first === undefined
          ? []
          : [first, ...rest];
  const unknown = wanted.filter((name) => !all.includes(`${name}.ts`));
  if (unknown.length > 0)
    throw new Stop(
      `There is no benchmark ${unknown.join(', ')}. There are: ${all.map((name) => name.slice(0, -3)).join(', ')}`,
    );
  await ensurePrograms(['tmux', 'git']);
  await ensureDependencies();
  // Most of them drive the built product.
  await ensureBuilt();
  if (wanted.includes(SOAK)) await ensureAgentClis();
  mkdirSync(inRoot('bench-results'), { recursive: true });
  const chosen = wanted.length > 0 ? wanted.map((name) => `${name}.ts`) : all.filter((file) => file !== `${SOAK}.ts`);
  if (chosen.some((file) => file.startsWith('web/'))) await ensurePrograms(['chromium']);
  let failed = 0;
  for (const file of chosen) {
    say(`\n— ${file}`);
    if ((await run(node24(), [inRoot('bench', file), ...(aboutAgents ? rest : withPeers ? ['--peers'] : [])])) !== 0)
      failed += 1;
  }
  say(`\n${chosen.length - failed} benchmarks done, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
});

/** Relative to bench/, as they are called. */
function programsIn(folder) {
  const below = folder.slice('bench'.length + 1);
  return existsSync(inRoot(folder))
    ? readdirSync(inRoot(folder))
        .filter((name) => name.endsWith('.ts'))
        .map((name) => (below ? `${below}/${name}` : name))
    : [];
}
