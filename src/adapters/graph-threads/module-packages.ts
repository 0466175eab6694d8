/** The LangGraph that a registered module itself imports: what runs its graph must be the same copy. */
import { readFileSync, realpathSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** Earlier ones give two questions of one node the same id. */
const OLDEST: readonly [major: number, minor: number] = [1, 7];

/** What is used of the package `@langchain/langgraph`. */
export interface Langgraph {
  BaseCheckpointSaver: new () => {
    serde: {
      dumpsTyped(value: unknown): Promise<[string, Uint8Array]>;
      loadsTyped(type: string, data: Uint8Array | string): Promise<unknown>;
    };
  };
  Command: new (fields: { resume: unknown }) => unknown;
  isInterrupted(value: unknown): value is {
    __interrupt__: { id?: string; value?: unknown; response_schema?: Record<string, unknown> }[];
  };
}

/** What is used of `langsmith/run_trees`. */
export interface RunTrees {
  RunTree: { fromHeaders(headers: Record<string, string>): object | undefined };
}

export async function langgraphOf(module: string): Promise<Langgraph> {
  const place = packageFrom('@langchain/langgraph', module);
  const [major = 0, minor = 0] = place.version.split('.').map(Number);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]))
    throw new Error(`it uses @langchain/langgraph ${place.version}; ${OLDEST.join('.')} or newer is needed`);
  return (await import(pathToFileURL(place.entry('.')).href)) as Langgraph;
}

/** Null where tracing cannot be joined to what is above it. */
export async function runTreesOf(module: string): Promise<RunTrees | null> {
  try {
    const core = packageFrom('@langchain/core', packageFrom('@langchain/langgraph', module).file);
    const langsmith = packageFrom('langsmith', core.file);
    return (await import(pathToFileURL(langsmith.entry('./run_trees')).href)) as RunTrees;
  } catch {
    return null;
  }
}

function packageFrom(name: string, importer: string): { version: string; file: string; entry(name: string): string } {
  const file = findPackageJSON(name, pathToFileURL(importer));
  if (!file) throw new Error(`the package ${name} is not installed where ${importer} looks for it`);
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as { version?: string; exports?: Record<string, unknown> };
  return {
    version: manifest.version ?? '0',
    file,
    entry(exported) {
      const target = conditional(manifest.exports?.[exported]);
      if (target === null) throw new Error(`the package ${name} has no ${exported}`);
      return realpathSync(path.join(path.dirname(file), target));
    },
  };
}

/** As `import` chooses. */
function conditional(entry: unknown): string | null {
  if (typeof entry === 'string') return entry;
  if (typeof entry !== 'object' || entry === null) return null;
  for (const [condition, target] of Object.entries(entry)) {
    if (!['node', 'import', 'default'].includes(condition)) continue;
    const found = conditional(target);
    if (found !== null) return found;
  }
  return null;
}
