/**
 * `npm test`: installs what the tests need, builds, runs the tests against real parts, and says `N passed, N failed` last.
 * What takes long and has a shorter test beside it is left out (test/thorough.json says which, and why that is enough day by
 * day); `npm test -- --all` runs it too, and so does naming a file.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ensureAgentClis } from './lib/agent-clis.mjs';
import { ensureBuilt } from './lib/build.mjs';
import { ensureDependencies } from './lib/dependencies.mjs';
import { inRoot, node24, phases, run, runScript, say } from './lib/project.mjs';
import { ensurePrograms } from './lib/system-programs.mjs';

const given = process.argv.slice(2);
const filters = given.filter((argument) => argument !== '--verbose' && argument !== '--all');
const isDaily = filters.length === 0 && !given.includes('--all');
const leftOut = isDaily ? Object.entries(JSON.parse(readFileSync(inRoot('test/thorough.json'), 'utf8'))) : [];
/** How much of a failure's message is repeated at the end, in characters. */
const MESSAGE_SHOWN = 600;
const phase = phases(given.includes('--verbose'));

await runScript(async () => {
  await phase('programs', () => ensurePrograms(['tmux', 'git', 'zsh', 'chromium', 'redis', 'postgresql']));
  await phase('dependencies', ensureDependencies);
  await phase('build', ensureBuilt);
  await phase('agent command lines', ensureAgentClis);

  const place = mkdtempSync(path.join(os.tmpdir(), 'pointsman-test-'));
  const summaryFile = path.join(place, 'summary.json');
  const reporters = ['--reporter=default', `--reporter=${inRoot('scripts/lib/summary-reporter.mjs')}`];
  const status = await run(node24(), [inRoot('node_modules/vitest/vitest.mjs'), 'run', ...reporters, ...filters], {
    env: { ...process.env, POINTSMAN_TEST_SUMMARY: summaryFile, ...(isDaily ? { POINTSMAN_TESTS: 'daily' } : {}) },
  });
  const summary = readSummary(summaryFile);
  rmSync(place, { recursive: true, force: true });

  if (leftOut.length > 0) say(`\nLeft out, ${leftOut.length} files; \`npm test -- --all\` runs them too:`);
  for (const [file, reason] of leftOut) say(`  ${file}: ${reason}`);
  if (summary.skipped.length > 0) say(`\nSkipped, ${summary.skipped.length}:`);
  for (const [reason, count] of countBy(summary.skipped, skipReason)) say(`  ${String(count).padStart(4)}  ${reason}`);
  if (summary.failures.length > 0) say(`\nFailed, ${summary.failures.length}:`);
  for (const { title, message } of summary.failures) say(`  ${title}\n    ${message.slice(0, MESSAGE_SHOWN)}`);
  // A run that broke down has failed even where no single test has.
  const failed = status === 0 ? summary.failed : Math.max(summary.failed, 1);
  console.log(`\n${summary.passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
});

function readSummary(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { passed: 0, failed: 1, skipped: [], failures: [] };
  }
}

/** Why a test was skipped: its note, or the words in brackets that its title carries. */
function skipReason({ file, title, reason }) {
  return `${file}: ${reason ?? /\[([^\]]+)\]/.exec(title)?.[1] ?? title}`;
}

function countBy(list, keyOf) {
  const counts = new Map();
  for (const item of list) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return counts;
}
