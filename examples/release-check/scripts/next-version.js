// Prints the version to release: the one that is asked for, when it is newer than every other, or the next minor one.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const asked = process.argv[2] ?? 'next';
const newest = [packageVersion(), ...taggedVersions()].toSorted(compare).at(-1);

if (asked === 'next') {
  const [major, minor] = newest.split('.').map(Number);
  console.log(`${major}.${minor + 1}.0`);
} else if (!/^\d+\.\d+\.\d+$/.test(asked)) {
  fail(`"${asked}" is not a version; write it as 1.2.3`);
} else if (compare(asked, newest) <= 0) {
  fail(`${asked} is not newer than ${newest}, the newest version there is`);
} else {
  console.log(asked);
}

function packageVersion() {
  return JSON.parse(readFileSync('package.json', 'utf8')).version;
}

function taggedVersions() {
  const tags = execFileSync('git', ['tag', '--list', 'v*'], { encoding: 'utf8' }).split('\n');
  return tags.filter((tag) => /^v\d+\.\d+\.\d+$/.test(tag)).map((tag) => tag.slice(1));
}

function compare(a, b) {
  const [left, right] = [a.split('.').map(Number), b.split('.').map(Number)];
  return left[0] - right[0] || left[1] - right[1] || left[2] - right[2];
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
