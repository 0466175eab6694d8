/** The rules of the house that the compiler cannot see: who may import whom, which package lives where, what is never written. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import thorough from './thorough.json' with { type: 'json' };

const ROOT = path.resolve(import.meta.dirname, '..');

interface Room {
  /** Rooms it may import; `server/compose` admits only that part of the server. */
  rooms: readonly string[];
  packages: readonly string[];
  /** Node's own modules: all, none, or all but these. */
  builtins: 'all' | 'none' | { except: readonly string[] };
}

const ROOMS: Readonly<Record<string, Room>> = {
  contract: { rooms: [], packages: ['zod'], builtins: 'none' },
  domain: {
    rooms: ['contract'],
    packages: ['zod', 'yaml', '@marcbachmann/cel-js', '@cfworker/json-schema', 'croner'],
    builtins: 'none',
  },
  ports: { rooms: ['contract', 'domain'], packages: [], builtins: 'none' },
  engine: {
    rooms: ['contract', 'domain', 'ports'],
    packages: ['@langchain/core', '@langchain/langgraph', '@langchain/langgraph-checkpoint'],
    // The engine asks ports; it starts no process and opens no connection itself.
    builtins: { except: ['child_process', 'net', 'http', 'https', 'fs', 'fs/promises', 'worker_threads', 'vm'] },
  },
  drivers: {
    rooms: ['contract', 'domain', 'ports'],
    packages: [],
    // A driver acts only through the session it is given.
    builtins: { except: ['child_process', 'worker_threads', 'vm'] },
  },
  adapters: { rooms: ['contract', 'domain', 'ports'], packages: [], builtins: 'all' },
  server: {
    rooms: ['contract', 'domain', 'ports', 'engine'],
    packages: ['fastify', '@fastify/*', 'ws', 'zod', 'pino', 'jose', '@node-rs/argon2', 'yaml', 'pg'],
    builtins: 'all',
  },
  // A client of the API, and the few commands that act on this machine: each is one file of the server.
  cli: {
    rooms: [
      'contract',
      ...[
        'up',
        'down',
        'home',
        'doctor',
        'config-command',
        'backup/backup',
        'backup/restore',
        'serverless-run',
        'workflow-files',
      ].map((name) => `server/${name}`),
    ],
    packages: ['commander', 'yaml', 'ws'],
    builtins: 'all',
  },
};

/** Each outside system and the packages that speak to it. A new adapter adds its line here. */
const ADAPTER_PACKAGES: Readonly<Record<string, readonly string[]>> = {
  'managed-postgres': ['pg'],
  postgres: ['pg', 'drizzle-orm', '@langchain/langgraph-checkpoint', '@langchain/core'],
  langsmith: ['langsmith'],
  redis: ['ioredis'],
  bullmq: ['bullmq', 'ioredis', 'pg'],
  prometheus: ['prom-client'],
  otel: ['@opentelemetry/*'],
  sentry: ['@sentry/node'],
  smtp: ['nodemailer'],
};

/** The only files of the server that choose or act on this machine, its backup among them: these may import adapters and drivers. */
const COMPOSE = /^src\/server\/(compose|open-database|agent-drivers|down|doctor|home|backup\/[\w-]+)\.ts$/;

interface Import {
  file: string;
  line: number;
  specifier: string;
}

const sources = listFiles('src').filter(
  (file) => file.endsWith('.ts') && !/\.(test|conformance)\.ts$|\/testing\//.test(file),
);
const imports = sources.flatMap(importsOf);

describe('rooms', () => {
  test('import only the rooms they may', () => {
    expect(imports.filter((one) => !mayImportRoom(one)).map(describeImport)).toEqual([]);
  });

  test('use only the packages they may', () => {
    expect(imports.filter((one) => !mayUsePackage(one)).map(describeImport)).toEqual([]);
  });

  test('use only the modules of Node they may', () => {
    expect(imports.filter((one) => !mayUseBuiltin(one)).map(describeImport)).toEqual([]);
  });

  test('name every package they use among the dependencies', () => {
    const { dependencies, optionalDependencies } = readJson('package.json') as Record<string, Record<string, string>>;
    const declared = new Set(Object.keys({ ...dependencies, ...optionalDependencies }));
    const missing = imports.filter((one) => isPackage(one.specifier) && !declared.has(packageName(one.specifier)));
    expect(missing.map(describeImport)).toEqual([]);
  });

  test('are the folders of src, each a project that refers to what it may import', () => {
    const folders = readdirSync(path.join(ROOT, 'src'));
    expect(folders.toSorted()).toEqual(Object.keys(ROOMS).toSorted());
    for (const [name, room] of Object.entries(ROOMS)) {
      const project = readJson(`src/${name}/tsconfig.json`) as {
        compilerOptions: { types?: string[] };
        references: { path: string }[];
      };
      const allowed = new Set(room.rooms.map((other) => other.split('/')[0]));
      if (name === 'server') allowed.add('adapters').add('drivers');
      // The wire types that the composed server hands to the cli are written in domain's words.
      if (name === 'cli') allowed.add('domain');
      const referred = project.references.map((reference) => path.basename(reference.path));
      expect(
        referred.filter((other) => !allowed.has(other)),
        `references of ${name}`,
      ).toEqual([]);
    }
  });

  test('that are pure see neither process nor timers', () => {
    for (const name of ['contract', 'domain']) {
      const project = readJson(`src/${name}/tsconfig.json`) as {
        compilerOptions: { types?: string[]; lib?: string[] };
      };
      expect(project.compilerOptions.types, name).toEqual([]);
      expect(project.compilerOptions.lib, name).toBe(undefined);
    }
    expect((readJson('tsconfig.base.json') as { compilerOptions: { lib: string[] } }).compilerOptions.lib).toEqual([
      'es2024',
    ]);
  });
});

describe('the web app', () => {
  const files = listFiles('web/src').filter((file) => /\.tsx?$/.test(file) && !/\.test\.tsx?$/.test(file));
  const webImports = files.flatMap(importsOf);

  test('imports nothing of src but the contract', () => {
    const foreign = webImports.filter((one) => {
      const target = targetOf(one);
      // The examples are documents, not code: a new workflow may begin with one.
      return (
        target !== undefined &&
        !target.startsWith('web/') &&
        !target.startsWith('examples/') &&
        !target.startsWith('src/contract/')
      );
    });
    expect(foreign.map(describeImport)).toEqual([]);
  });

  test('asks for nothing that browsers have on https and loopback alone, but where it does without', () => {
    const insecure = /\brandomUUID\(|\bcrypto\.subtle\b|\bnavigator\.clipboard\b/;
    const withAnotherWay = ['web/src/ui/copy-text.ts'];
    const found = files.filter((file) => insecure.test(readFileSync(path.join(ROOT, file), 'utf8')));
    expect(found).toEqual(withAnotherWay);
  });

  test('names every package it uses among its dependencies', () => {
    const { dependencies } = readJson('web/package.json') as { dependencies: Record<string, string> };
    const missing = webImports.filter(
      (one) => isPackage(one.specifier) && !(packageName(one.specifier) in dependencies),
    );
    expect(missing.map(describeImport)).toEqual([]);
  });
});

describe('sources', () => {
  const everything = ['src', 'web/src', 'scripts', 'bin', 'test', 'bench']
    .flatMap(listFiles)
    .filter((file) => /\.(m?[jt]sx?|sh)$/.test(file));

  test('contain no way to run text as code, and no tmux format that runs a command', () => {
    // Tests may: hostile input has to be written down somewhere.
    const shipped = everything.filter((file) => !/\.test\.tsx?$|\/testing\//.test(file));
    const forbidden = [/node:vm/, /(^|[^\w.])eval\(/, /new Function\b/, /#\{E:/, /#\{T:/];
    const found = shipped.filter((file) => {
      const text = readFileSync(path.join(ROOT, file), 'utf8');
      return forbidden.some((pattern) => pattern.test(text));
    });
    expect(found).toEqual([]);
  });

  test('have names that say what they hold', () => {
    expect(everything.filter((file) => /\/(utils?|helpers?|common|types|misc)\.[jt]sx?$/.test(file))).toEqual([]);
    expect(everything.filter((file) => path.basename(file) !== path.basename(file).toLowerCase())).toEqual([]);
  });
});

describe('documents', () => {
  const documents = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md', ...listFiles('docs')].filter(
    (file) => file.endsWith('.md') && existsSync(path.join(ROOT, file)),
  );

  test('name only paths that exist', () => {
    const missing = documents.flatMap((file) =>
      pathsNamedIn(file)
        .filter((named) => !existsSync(path.join(ROOT, named)))
        .map((named) => `${file}: ${named}`),
    );
    expect(missing).toEqual([]);
  });

  test('about tests that are left out day by day name tests that run', () => {
    const leftOut = Object.entries(thorough);
    expect(leftOut.filter(([file]) => !existsSync(path.join(ROOT, file)))).toEqual([]);
    const named = leftOut.flatMap(([, reason]) => reason.match(/\b(?:src|test)\/[\w./-]*\w/g) ?? []);
    expect(named.filter((one) => !existsSync(path.join(ROOT, one)))).toEqual([]);
    // What stands for another one must run itself.
    expect(named.filter((one) => one in thorough)).toEqual([]);
  });
});

function mayImportRoom(one: Import): boolean {
  const target = targetOf(one);
  if (target === undefined) return true;
  const [from, to] = [roomOf(one.file), roomOf(target)];
  if (to === undefined) return from === undefined; // out of src
  if (from === to) {
    // Two adapters, and two drivers, never know each other; files beside the folders belong to all.
    return (
      (from !== 'adapters' && from !== 'drivers') ||
      folderOf(one.file) === folderOf(target) ||
      folderOf(target) === undefined
    );
  }
  if (to === 'adapters' || to === 'drivers') return COMPOSE.test(one.file);
  return (
    ROOMS[from ?? '']?.rooms.some((allowed) =>
      // Of some rooms only single files may be used.
      allowed.includes('/') ? target === `src/${allowed}.ts` : allowed === to,
    ) === true
  );
}

function mayUsePackage(one: Import): boolean {
  if (!isPackage(one.specifier)) return true;
  const room = roomOf(one.file) ?? '';
  const allowed =
    room === 'adapters' ? (ADAPTER_PACKAGES[folderOf(one.file) ?? ''] ?? []) : (ROOMS[room]?.packages ?? []);
  const name = packageName(one.specifier);
  return allowed.some((pattern) => (pattern.endsWith('/*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name));
}

function mayUseBuiltin(one: Import): boolean {
  if (!isBuiltin(one.specifier)) return true;
  const allowed = ROOMS[roomOf(one.file) ?? '']?.builtins ?? 'none';
  if (typeof allowed === 'string') return allowed === 'all';
  return !allowed.except.includes(one.specifier.replace(/^node:/, ''));
}

function importsOf(file: string): Import[] {
  const text = readFileSync(path.join(ROOT, file), 'utf8');
  // At the start of a line, so that words inside strings and comments do not count; dynamic imports count anywhere.
  const written =
    /^import\s*['"]([^'"\n]+)['"]|^(?:import|export)\s[\w\s{},*$]*?\bfrom\s*['"]([^'"\n]+)['"]|\bimport\(\s*['"]([^'"\n]+)['"]/gm;
  return [...text.matchAll(written)].map((match) => ({
    file,
    line: text.slice(0, match.index).split('\n').length,
    specifier: match[1] ?? match[2] ?? match[3] ?? '',
  }));
}

/** The file that a relative import means, from the root; undefined for packages. */
function targetOf(one: Import): string | undefined {
  if (!one.specifier.startsWith('.')) return undefined;
  return path.normalize(path.join(path.dirname(one.file), one.specifier));
}

function roomOf(file: string): string | undefined {
  const [src, room] = file.split('/');
  return src === 'src' ? room : undefined;
}

/** `tmux` of `src/adapters/tmux/tmux-host.ts`; undefined for a file directly in the room. */
function folderOf(file: string): string | undefined {
  const parts = file.split('/');
  return parts.length > 3 ? parts[2] : undefined;
}

function isPackage(specifier: string): boolean {
  return !specifier.startsWith('.') && !isBuiltin(specifier);
}

function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function describeImport(one: Import): string {
  return `${one.file}:${one.line} imports ${one.specifier}`;
}

/** Paths in backticks that begin in a folder of ours, and relative links. A wildcard or placeholder stands for its folder. */
function pathsNamedIn(file: string): string[] {
  const text = readFileSync(path.join(ROOT, file), 'utf8').replaceAll(/```[\s\S]*?```/g, '');
  const quoted = [
    ...text.matchAll(/`((?:src|web|docs|test|scripts|bin|migrations|examples|deploy|bench|fixtures)\/[^\s`]+)`/g),
  ].map((match) => match[1] ?? '');
  const linked = [...text.matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)]
    .map((match) => match[1] ?? '')
    .filter((target) => !/^[a-z]+:/.test(target) && !target.startsWith('/'))
    .map((target) => path.normalize(path.join(path.dirname(file), target)));
  return [...quoted, ...linked].map((named) => named.replace(/:\d+$/, '').replace(/\/?[^/]*[<*{…].*$/, ''));
}

function listFiles(folder: string): string[] {
  const place = path.join(ROOT, folder);
  if (!existsSync(place)) return [];
  return readdirSync(place, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === 'node_modules' || entry.name === 'dist') return [];
    const file = `${folder}/${entry.name}`;
    return entry.isDirectory() ? listFiles(file) : [file];
  });
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(path.join(ROOT, file), 'utf8'));
}
