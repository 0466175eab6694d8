/** Programs that do not come from npm: installed on Debian as root, elsewhere the exact command is printed. */
import { accessSync, constants, existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { Stop, run, runQuietly, say } from './project.mjs';

/** What each program is for, how it is recognised, and what each package manager calls it. */
export const PROGRAMS = {
  tmux: { found: () => inPath('tmux'), why: 'agents live in its sessions' },
  git: { found: () => inPath('git'), why: 'worktrees and diffs' },
  zsh: { found: () => inPath('zsh'), why: 'tests of agents whose shell is zsh' },
  chromium: {
    found: () =>
      inPath('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable') || existsSync(MAC_CHROME),
    why: 'browser tests',
    brew: '--cask google-chrome',
  },
  redis: {
    found: () => inPath('redis-server'),
    why: 'tests of the Redis adapters',
    apt: 'redis-server',
    pacman: 'valkey',
  },
  postgresql: {
    found: () => inPath('initdb') || installedServers().length > 0,
    why: 'tests against an external PostgreSQL',
    dnf: 'postgresql-server',
    brew: 'postgresql@15',
  },
};

const MAC_CHROME = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

export async function ensurePrograms(names) {
  const missing = names.filter((name) => !PROGRAMS[name].found());
  if (missing.length === 0) return;
  if (isDebian() && process.getuid?.() === 0) await installWithApt(missing);
  const still = missing.filter((name) => !PROGRAMS[name].found());
  if (still.length === 0) return;
  const list = still.map((name) => `  ${name.padEnd(12)}${PROGRAMS[name].why}`).join('\n');
  throw new Stop(`Missing on this machine:\n${list}\nInstall with:\n  ${installCommand(still)}\nThen run this again.`);
}

async function installWithApt(names) {
  const packages = names.map((name) => PROGRAMS[name].apt ?? name);
  say(`Installing ${packages.join(', ')} with apt-get …`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const install = ['install', '-y', '--no-install-recommends', '-o', 'Dpkg::Use-Pty=0', ...packages];
  const what = `installing ${packages.join(', ')}`;
  const listed =
    existsSync('/var/lib/apt/lists') &&
    readdirSync('/var/lib/apt/lists').some((name) => name.endsWith('Packages') || name.includes('_Packages'));
  if (listed && (await runQuietly('apt-get', install, { env, what })).status === 0) return;
  say('Updating the package lists first …');
  await runQuietly('apt-get', ['update'], { env, what: 'updating the package lists' });
  // Shown in full: this is the attempt whose failure somebody has to understand.
  await run('apt-get', ['-q', ...install], { env, stdio: ['ignore', 2, 2] });
}

function installCommand(names) {
  const called = (manager) => names.map((name) => PROGRAMS[name][manager] ?? name).join(' ');
  if (process.platform === 'darwin') return `brew install ${called('brew')}`;
  if (isDebian())
    return `${process.getuid?.() === 0 ? '' : 'sudo '}apt-get update && ${process.getuid?.() === 0 ? '' : 'sudo '}apt-get install -y ${called('apt')}`;
  if (inPath('dnf')) return `sudo dnf install -y ${called('dnf')}`;
  if (inPath('pacman')) return `sudo pacman -S --needed ${called('pacman')}`;
  if (inPath('zypper')) return `sudo zypper install ${called('zypper')}`;
  if (inPath('apk')) return `apk add ${called('apk')}`;
  return `(the package manager of this system) ${names.join(' ')}`;
}

function isDebian() {
  if (!inPath('apt-get')) return false;
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  return /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(release);
}

function inPath(...names) {
  const places = [
    ...(process.env.PATH ?? '').split(path.delimiter),
    '/usr/local/bin',
    '/usr/bin',
    '/bin',
    '/opt/homebrew/bin',
  ];
  return names.some((name) => places.some((place) => isExecutable(path.join(place, name))));
}

/** Debian keeps the server's own programs out of PATH, one directory per major version. */
function installedServers() {
  const root = '/usr/lib/postgresql';
  return existsSync(root)
    ? readdirSync(root).filter((version) => isExecutable(path.join(root, version, 'bin/initdb')))
    : [];
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
