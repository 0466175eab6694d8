/** Builds dist/ when sources changed: the rooms with `tsc -b`, the web app with Vite. Quiet when nothing changed. */
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { ROOT, Stop, inRoot, node24, runQuietly, say } from './project.mjs';

const TESTS_ONLY = /\.(test|conformance)\.tsx?$|\/(screens|recordings|fixtures|testing)(\/|$)/;
const ROOMS = ['contract', 'domain', 'ports', 'engine', 'drivers', 'adapters', 'server', 'cli'];

const TARGETS = [
  {
    name: 'server',
    sources: ['src', 'tsconfig.base.json', 'package-lock.json', 'scripts/lib/bundle.mjs'],
    product: 'dist/program/main.js',
    build: buildServer,
  },
  {
    name: 'web',
    sources: ['web', 'src/contract', 'package-lock.json'],
    product: 'dist/web/index.html',
    build: buildWeb,
  },
];

/** Returns the names of what was built. */
export async function ensureBuilt({ force = false } = {}) {
  const stale = TARGETS.map((target) => ({ ...target, ...freshness(target) })).filter(
    (target) => force || !target.fresh,
  );
  if (stale.length === 0) return [];
  say(`Building ${stale.map((target) => target.name).join(' and ')} …`);
  const started = Date.now();
  const results = await Promise.allSettled(
    stale.map(async (target) => {
      const content = target.content();
      await target.build();
      mkdirSync(inRoot('dist'), { recursive: true });
      writeFileSync(target.stamp, JSON.stringify({ times: target.times, content }));
    }),
  );
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  say(`Built in ${((Date.now() - started) / 1000).toFixed(1)} s.`);
  return stale.map((target) => target.name);
}

/** Times and sizes first, which is fast; where they differ (a fresh clone, a branch switched to and fro) content decides. */
function freshness({ name, sources, product }) {
  const stamp = inRoot('dist', `.${name}-built`);
  const files = sources.flatMap((source) => listFiles(inRoot(source))).sort();
  const times = createHash('sha256');
  for (const file of files) {
    const { size, mtimeMs } = statSync(file);
    times.update(`${path.relative(ROOT, file)} ${size} ${mtimeMs}\n`);
  }
  const now = { stamp, times: times.digest('hex'), content: () => contentOf(files) };
  if (!existsSync(inRoot(product)) || !existsSync(stamp)) return { ...now, fresh: false };
  const then = JSON.parse(readFileSync(stamp, 'utf8'));
  if (then.times === now.times) return { ...now, fresh: true };
  if (then.content !== now.content()) return { ...now, fresh: false };
  writeFileSync(stamp, JSON.stringify({ times: now.times, content: then.content }));
  return { ...now, fresh: true };
}

function contentOf(files) {
  const hash = createHash('sha256');
  for (const file of files)
    hash
      .update(`${path.relative(ROOT, file)}\n`)
      .update(readFileSync(file))
      .update('\n');
  return hash.digest('hex');
}

function listFiles(place) {
  if (!existsSync(place)) return [];
  if (!statSync(place).isDirectory()) return [place];
  return readdirSync(place, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(place, entry.name);
    if (entry.name === 'node_modules' || TESTS_ONLY.test(file)) return [];
    return entry.isDirectory() ? listFiles(file) : [file];
  });
}

async function buildServer() {
  await buildRooms();
  const { status, output } = await runQuietly(node24(), [inRoot('scripts/lib/bundle.mjs')], { what: 'bundling' });
  if (status !== 0) throw new Stop(`${output.trim()}\n\nbundling failed; see above.`);
}

async function buildRooms() {
  removeOrphans();
  await tool('typescript/bin/tsc', ['-b', 'src/cli'], { what: 'compiling' });
  for (const room of ROOMS) {
    for (const file of listFiles(inRoot('src', room))) {
      if (/\.tsx?$|\/tsconfig\.json$/.test(file)) continue;
      const target = inRoot('dist', path.relative(inRoot('src'), file));
      mkdirSync(path.dirname(target), { recursive: true });
      copyFileSync(file, target);
    }
  }
}

async function buildWeb() {
  const args = ['build', '--outDir', inRoot('dist/web'), '--emptyOutDir', '--logLevel', 'warn'];
  await tool('vite/bin/vite.js', args, { what: 'building the web app', cwd: inRoot('web') });
}

/** A removed source leaves its output behind, and an import of it would go on working here and nowhere else. */
function removeOrphans() {
  for (const room of ROOMS) {
    for (const file of listFiles(inRoot('dist', room))) {
      const source = inRoot('src', path.relative(inRoot('dist'), file));
      const made = /\.(js|d\.ts)$/.test(file);
      const kept = made
        ? existsSync(source.replace(/\.(js|d\.ts)$/, '.ts')) || existsSync(source)
        : existsSync(source) || file.endsWith('.tsbuildinfo');
      if (!kept) rmSync(file);
    }
  }
}

async function tool(script, args, options) {
  const { status, output } = await runQuietly(node24(), [inRoot('node_modules', script), ...args], {
    ...options,
    env: { ...process.env, NO_COLOR: '1' },
  });
  if (status !== 0) throw new Stop(`${output.trim()}\n\n${options.what} failed; see above.`);
}
