/** Keeps node_modules in step with package-lock.json: `npm ci` when they differ, nothing when they do not. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Stop, inRoot, runQuietly, say } from './project.mjs';

const STAMP = inRoot('node_modules/.pointsman-installed');

export async function ensureDependencies() {
  const lock = readFileSync(inRoot('package-lock.json'));
  const wanted = createHash('sha256').update(lock).update(`${process.platform} ${process.arch}`).digest('hex');
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return;
  if (!isInstalled(JSON.parse(lock))) await install();
  writeFileSync(STAMP, wanted);
}

/** True when somebody has run `npm ci` or `npm install` for this very lock file, whether with install scripts or without. */
function isInstalled(lock) {
  let installed;
  try {
    installed = JSON.parse(readFileSync(inRoot('node_modules/.package-lock.json'), 'utf8')).packages;
  } catch {
    return false;
  }
  return Object.entries(lock.packages).every(([place, entry]) => {
    if (!place.startsWith('node_modules/') && !place.includes('/node_modules/')) return true;
    if (entry.link) return true;
    const found = installed[place];
    if (found) return found.version === entry.version && existsSync(inRoot(place));
    // What has no machine of its own comes with an optional package that may be for another one.
    return entry.optional === true && !((entry.os || entry.cpu) && isForThisMachine(entry));
  });
}

function isForThisMachine(entry) {
  // Some write one name instead of a list.
  const allows = (names, value) => {
    const list = [names ?? value].flat();
    return list.includes(value) || (list.some((one) => one.startsWith('!')) && !list.includes(`!${value}`));
  };
  return allows(entry.os, process.platform) && allows(entry.cpu, process.arch) && !entry.libc?.includes('musl');
}

async function install() {
  say('Installing dependencies with npm ci (once, and again when package-lock.json changes) …');
  const started = Date.now();
  let result = await npm('ci');
  if (/npm error code EUSAGE/.test(result.output)) {
    // package.json was edited, or the lock file was written where some platform's packages were not on offer.
    say('package-lock.json does not list all of package.json; installing what it does list, and the rest beside it …');
    result = await npm('install', '--no-save');
  }
  if (result.status !== 0) {
    throw new Stop(
      `${result.output.trim()}\n\nnpm did not succeed. Is the network reachable? Run this again when it is.`,
    );
  }
  say(`Installed in ${((Date.now() - started) / 1000).toFixed(0)} s.`);
}

async function npm(...args) {
  const [program, ...before] = process.env.npm_execpath?.endsWith('npm-cli.js')
    ? [process.execPath, process.env.npm_execpath]
    : ['npm'];
  // NODE_ENV=production or an omit in somebody's npmrc would leave out what the build needs.
  const all = [
    ...before,
    ...args,
    '--include=dev',
    '--include=optional',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ];
  return await runQuietly(program, all, { what: 'installing dependencies' });
}
