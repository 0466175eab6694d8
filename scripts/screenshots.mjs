/**
 * `npm run screenshots`: the pictures of docs/screenshots anew, taken by the browser tests as they go. Look at each before
 * it is committed. One that no test takes any more stays as it is, and is named at the end.
 */
import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ensureBuilt } from './lib/build.mjs';
import { ensureDependencies } from './lib/dependencies.mjs';
import { Stop, inRoot, node24, run, runScript, say } from './lib/project.mjs';
import { ensurePrograms } from './lib/system-programs.mjs';

const DOCS = inRoot('docs/screenshots');
const TESTS = ['browser', 'desk-browser', 'execution-browser', 'overview-browser', 'claude-browser'];
/** Where a test calls a picture otherwise. */
const TAKEN_AS = {
  'compare-desktop-light': 'execution-compare-1440-light',
  'desk-desktop-dark': 'desk-1440-dark',
  'desk-desktop-light': 'desk-1440-light',
  'desk-phone-light': 'desk-390-light',
  'new-agent-desktop-light': 'agent-new-1280-light',
  'timeline-desktop-light': 'execution-timeline-1440-light',
  'wall-desktop-light': 'wall-1280-light',
};

await runScript(async () => {
  await ensurePrograms(['tmux', 'git', 'chromium']);
  await ensureDependencies();
  await ensureBuilt();
  const place = mkdtempSync(path.join(os.tmpdir(), 'pointsman-screenshots-'));
  const tests = TESTS.map((name) => `test/e2e/${name}.test.ts`);
  const status = await run(node24(), [inRoot('node_modules/vitest/vitest.mjs'), 'run', '--project', 'e2e', ...tests], {
    env: { ...process.env, TEST_SCREENSHOTS: place },
  });
  const missing = readdirSync(DOCS).filter((file) => {
    const name = path.basename(file, '.png');
    const taken = path.join(place, `${TAKEN_AS[name] ?? name}.png`);
    if (!existsSync(taken)) return true;
    copyFileSync(taken, path.join(DOCS, file));
    return false;
  });
  rmSync(place, { recursive: true, force: true });
  if (missing.length > 0) say(`Not taken, and left as they were: ${missing.join(', ')}`);
  if (status !== 0) throw new Stop('A test has failed; look at its pictures twice.');
});
