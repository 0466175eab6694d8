/**
 * The configuration that opencode is given: our own, with the providers and models of the operator's. Nothing else of
 * theirs is taken: what their plugins, servers, commands and permissions do was not meant for agents.
 */
import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import type { LaunchContext } from '../../ports/agent-driver.ts';
import { parseWithComments } from './json-with-comments.ts';
import { isObject, type Json } from '../json-row.ts';
import { permissionConfig } from './opencode-permissions.ts';

/** A tool of ours may wait for a person; opencode would give it up after half a minute. */
const TOOL_TIMEOUT_MS = 7 * 24 * 3600 * 1000;

const TAKEN = ['provider', 'model', 'small_model', 'enabled_providers', 'disabled_providers'] as const;

export function configuration(
  { permissionMode, model, tools }: LaunchContext,
  parts: { own: Json; shell: string; instructions: string | null },
): Json {
  const { own, shell, instructions } = parts;
  const chosen = model ?? own['model'];
  return {
    // Without it opencode would write it into the file.
    $schema: 'https://opencode.ai/config.json',
    ...own,
    ...(chosen === undefined ? {} : { model: chosen }),
    // For titles and the like: without a name opencode looks for one itself, with any provider it knows.
    ...(own['small_model'] === undefined && chosen !== undefined ? { small_model: chosen } : {}),
    autoupdate: false,
    share: 'disabled',
    shell,
    permission: permissionConfig(permissionMode),
    ...(instructions === null ? {} : { instructions: [instructions] }),
    ...(tools
      ? {
          mcp: {
            pointsman: {
              type: 'remote',
              url: tools.url,
              headers: { Authorization: `Bearer ${tools.token}` },
              oauth: false,
              enabled: true,
              timeout: TOOL_TIMEOUT_MS,
            },
          },
        }
      : {}),
  };
}

/** A whole configuration in a variable. */
export const CONFIG_AS_TEXT = 'OPENCODE_CONFIG_CONTENT';

/** Of the operator: what opencode itself would read, the later one over the one before. */
export async function operatorConfiguration(env: LaunchContext['env']): Promise<Json> {
  const home = env['HOME'] ?? '/';
  const directory = join(env['XDG_CONFIG_HOME'] ?? join(home, '.config'), 'opencode');
  const files = ['config.json', 'opencode.json', 'opencode.jsonc'].map((name) => join(directory, name));
  if (env['OPENCODE_CONFIG']) files.push(env['OPENCODE_CONFIG']);
  const sources = await Promise.all(
    files.map(async (file) => withWholePaths(await readFile(file, 'utf8').catch(() => '{}'), dirname(file))),
  );
  const taken: Json = {};
  for (const source of [...sources, env[CONFIG_AS_TEXT] ?? '{}']) {
    const found = parsed(source);
    for (const name of TAKEN) {
      const value = found[name];
      if (value !== undefined)
        taken[name] = name === 'provider' ? { ...providersOf(taken), ...providersOf(found) } : value;
    }
  }
  return taken;
}

function parsed(source: string): Json {
  try {
    const value = parseWithComments(source);
    return isObject(value) ? value : {};
  } catch {
    return {}; // opencode itself says so, when the operator starts it
  }
}

function providersOf(config: Json): Json {
  const { provider } = config;
  return isObject(provider) ? provider : {};
}

/** `{file:…}` counts from where the file lies, and ours lies elsewhere. */
function withWholePaths(source: string, directory: string): string {
  return source.replace(/\{file:([^}]+)\}/g, (whole, path: string) =>
    isAbsolute(path) || path.startsWith('~') ? whole : `{file:${join(directory, path)}}`,
  );
}
