// Turns "Unreleased" in the changelog into a version and puts the version into package.json. Commits nothing.
import { readFileSync, writeFileSync } from 'node:fs';

const version = process.argv[2] ?? '';
if (!/^\d+\.\d+\.\d+$/.test(version)) fail('Usage: node scripts/release.js 1.2.3');

const changelog = readFileSync('CHANGELOG.md', 'utf8');
if (changelog.includes(`\n## ${version} `)) fail(`CHANGELOG.md has an entry for ${version} already`);

const heading = '\n## Unreleased\n';
const start = changelog.indexOf(heading);
if (start < 0) fail('CHANGELOG.md has no section "Unreleased"');
const after = start + heading.length;
const end = changelog.indexOf('\n## ', after);
const entry = changelog.slice(after, end < 0 ? undefined : end).trim();
if (entry === '') fail('There is nothing under "Unreleased", so there is nothing to release');

const date = new Date().toISOString().slice(0, 10);
writeFileSync(
  'CHANGELOG.md',
  `${changelog.slice(0, after)}\n## ${version} – ${date}\n\n${entry}\n${end < 0 ? '' : changelog.slice(end)}`,
);

const manifest = readFileSync('package.json', 'utf8');
writeFileSync('package.json', manifest.replace(/("version": ")[^"]*/, `$1${version}`));
console.log(`${version} – ${date}\n\n${entry}`);

function fail(message) {
  console.error(message);
  process.exit(1);
}
