/** `npm start`: installs what is missing, builds what changed, and becomes `pointsman up`. */
import { becomeNode } from '../bin/node24.mjs';
import { ensureBuilt } from './lib/build.mjs';
import { ensureDependencies } from './lib/dependencies.mjs';
import { inRoot, node24, phases, runScript } from './lib/project.mjs';
import { ensurePrograms } from './lib/system-programs.mjs';

const args = process.argv.slice(2).filter((argument) => argument !== '--verbose');
const phase = phases(process.argv.includes('--verbose'));

await runScript(async () => {
  await phase('programs', () => ensurePrograms(['tmux', 'git']));
  await phase('dependencies', ensureDependencies);
  await phase('build', ensureBuilt);
  becomeNode(node24(), [inRoot('dist/program/main.js'), 'up', ...args], {
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? inRoot('.cache/node'),
  });
});
