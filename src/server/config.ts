/** The one configuration schema: flag > environment > pointsman.yaml > default; unknown keys are refused with the nearest one. */
import { existsSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { PointsmanError } from '../contract/errors.ts';
import type { Setting } from '../contract/settings.ts';
import { parseAllowEntry } from '../domain/egress/allow-list.ts';
import { GraphName } from '../contract/graphs.ts';
import { nearestName } from '../domain/workflow/nearest-name.ts';

const Roles = z.preprocess(
  (value) => (typeof value === 'string' ? value.split(',').map((role) => role.trim()) : value),
  z.array(z.enum(['api', 'worker', 'host'])).min(1),
);
const AllowEntries = z.preprocess(
  (value) => (typeof value === 'string' ? value.split(',').map((entry) => entry.trim()) : value),
  z.array(
    z.string().refine((text) => parseAllowEntry(text) !== null, {
      error: ({ input }) => `${JSON.stringify(input)} is no host, address or range, with a port or without`,
    }),
  ),
);
const GraphModule = z.union([
  // As in langgraph.json: where it lies, and behind a colon the name of its export.
  z
    .string()
    .min(1)
    .transform((text) => {
      const [, module = text, exported] = /^(.+):([A-Za-z_$][\w$]*)$/.exec(text) ?? [];
      return { module, ...(exported === undefined ? {} : { export: exported }) };
    }),
  z.strictObject({
    module: z.string().min(1),
    export: z.string().min(1).optional(),
    description: z.string().max(1000).optional(),
  }),
]);
const Graphs = z.preprocess(
  (value) => (typeof value === 'string' ? jsonIn(value) : value),
  z.record(GraphName, GraphModule, { error: 'must be a map of names to modules' }),
);
const OnOff = z.preprocess((value) => (value === true ? 'on' : value === false ? 'off' : value), z.enum(['on', 'off']));

/** Keys as in pointsman.yaml; the variable is POINTSMAN_ and the key in capitals. `secret` keys also come as …_FILE and are never printed. */
export const SETTINGS = {
  home: {
    schema: z.string().min(1),
    default: () => path.join(os.homedir(), '.pointsman'),
    meaning: 'Data directory (0700): keys, token, logs, worktrees and the managed database.',
  },
  host: { schema: z.string().min(1), default: () => '127.0.0.1', meaning: 'Address to listen on.' },
  port: {
    schema: z.coerce.number().int().min(0).max(65_535),
    default: () => 8001,
    meaning: 'Port of the web app, REST and WebSocket; 0 takes any free one.',
  },
  public_url: {
    schema: z.url({ protocol: /^https?$/ }),
    default: () => undefined,
    meaning: 'Address people use, the allowed browser origin besides loopback.',
  },
  database_url: {
    schema: z.string().regex(/^postgres(ql)?:\/\//, 'must begin with postgres://'),
    default: () => undefined,
    secret: true,
    meaning: 'PostgreSQL 15 or newer; unset: a managed one of its own.',
  },
  redis_url: {
    schema: z.string().regex(/^rediss?:\/\//, 'must begin with redis://'),
    default: () => undefined,
    secret: true,
    meaning: 'Redis for queue, bus and cache; unset: PostgreSQL does it.',
  },
  roles: {
    schema: Roles,
    default: () => ['api', 'worker', 'host'],
    meaning: 'What this process does: api serves, worker advances executions, host owns agents.',
  },
  master_key_file: {
    schema: z.string().min(1),
    default: () => undefined,
    meaning: 'File with the key that encrypts stored secrets; unset: made in the data directory.',
  },
  admin_password: {
    schema: z.string().min(10),
    default: () => undefined,
    secret: true,
    meaning:
      'Creates the first admin without the sign-in link (containers). Usually given as POINTSMAN_ADMIN_PASSWORD_FILE.',
  },
  demo: {
    schema: OnOff,
    default: () => 'on',
    meaning: 'Starter team, sample workflow and its first execution in an empty data directory.',
  },
  trusted_proxies: {
    schema: z.preprocess(
      (value) => (typeof value === 'string' ? value.split(',').map((item) => item.trim()) : value),
      z.array(z.string().min(1)),
    ),
    default: () => [] as string[],
    meaning: 'Addresses whose X-Forwarded-* headers are believed.',
  },
  tls_cert_file: {
    schema: z.string().min(1),
    default: () => undefined,
    meaning: 'PEM certificate; with tls_key_file the server speaks HTTPS.',
  },
  tls_key_file: { schema: z.string().min(1), default: () => undefined, meaning: 'PEM key of the certificate.' },
  budget_usd_per_day: {
    schema: z.coerce.number().positive(),
    default: () => undefined,
    meaning: 'US dollars that all agents together may cost on a day (UTC); then their tasks wait and the inbox asks.',
  },
  keep_executions_days: {
    schema: z.coerce.number().positive().max(36_500),
    default: () => undefined,
    meaning: 'Days after its end that an execution is deleted, with everything below it; unset: never.',
  },
  http_allow: {
    schema: AllowEntries,
    default: () => [] as string[],
    meaning:
      'Hosts, addresses and ranges that http and notify steps reach although they are not on the public internet.',
  },
  graphs: {
    schema: Graphs,
    default: () => ({}),
    meaning: 'Graphs of LangGraph.js for nodes of type langgraph: a name and the module that exports it.',
  },
  log_level: {
    schema: z.enum(['error', 'warn', 'info', 'debug']),
    default: () => 'info',
    meaning: 'How much is logged.',
  },
} as const satisfies Record<string, { schema: z.ZodType; default: () => unknown; secret?: boolean; meaning: string }>;

export type SettingName = keyof typeof SETTINGS;

export interface Config {
  home: string;
  host: string;
  port: number;
  publicUrl?: string;
  databaseUrl?: string;
  redisUrl?: string;
  roles: ('api' | 'worker' | 'host')[];
  masterKeyFile?: string;
  adminPassword?: string;
  demo: 'on' | 'off';
  trustedProxies: string[];
  tlsCertFile?: string;
  tlsKeyFile?: string;
  budgetUsdPerDay?: number;
  keepExecutionsDays?: number;
  httpAllow: string[];
  /** By name; modules absolute. */
  graphs: Record<string, { module: string; export?: string; description?: string }>;
  logLevel: 'error' | 'warn' | 'info' | 'debug';
  origin: ConfigOrigin;
}

/** Where values were found; of those that are not named, the default is in force. */
interface ConfigOrigin {
  /** The pointsman.yaml that was read, or that of the data directory, which does not exist. */
  file: string;
  sources: Partial<Record<SettingName, (typeof BY_PRECEDENCE)[number]>>;
}

export interface ConfigSource {
  flags?: Partial<Record<SettingName, unknown>>;
  env?: Record<string, string | undefined>;
  /** Where pointsman.yaml is looked for besides the data directory. */
  directory?: string;
}

const BY_PRECEDENCE = ['flag', 'variable', 'file'] as const;

/** Names that look like settings but belong to something else. */
const OTHER_VARIABLES =
  /^POINTSMAN_(URL|TOKEN|TOKEN_FILE|AGENT|AGENT_NAME|SHELL_USER_RC|EXECUTION|NODE|STEP|RUN|FAILPOINT.*|NO_.*|TEST_.*)$/;

export function loadConfig({ flags = {}, env = process.env, directory = process.cwd() }: ConfigSource = {}): Config {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  const flag = flagValues(flags);
  const variables = environmentValues(env, problems);
  const home = path.resolve(String(flag['home'] ?? variables['home'] ?? SETTINGS.home.default()));
  const own = path.join(home, 'pointsman.yaml');
  const file = [path.join(directory, 'pointsman.yaml'), own].find((candidate) => existsSync(candidate));
  const sources = { flag, variable: variables, file: file === undefined ? {} : fileValues(file, problems) };
  const origin: ConfigOrigin = { file: file ?? own, sources: {} };
  for (const [name, setting] of Object.entries(SETTINGS) as [SettingName, (typeof SETTINGS)[SettingName]][]) {
    const source = BY_PRECEDENCE.find((each) => sources[each][name] !== undefined && sources[each][name] !== '');
    if (source === undefined) {
      values[name] = setting.default();
      continue;
    }
    origin.sources[name] = source;
    const parsed = setting.schema.safeParse(sources[source][name]);
    if (parsed.success) values[name] = parsed.data;
    else problems.push(`${variable(name)}: ${parsed.error.issues[0]?.message ?? 'is not valid'}`);
  }
  if (problems.length > 0) throw new PointsmanError('CONFIG_INVALID', { detail: problems.join('\n') });
  values['home'] = path.resolve(String(values['home']));
  for (const graph of Object.values(values['graphs'] as Config['graphs']))
    graph.module = path.resolve(directory, graph.module);
  const named = Object.fromEntries(Object.entries(values).map(([name, value]) => [camelCase(name), value]));
  return { ...named, origin } as unknown as Config; // each value was read by the schema of its setting
}

/** What is in force, secrets masked. */
export function settingsOf(config: Config): Setting[] {
  const values = config as unknown as Record<string, Setting['value'] | undefined>; // all settings are JSON
  return Object.entries(SETTINGS).map(([name, setting]) => {
    const value = values[camelCase(name)] ?? null;
    return {
      name,
      variable: variable(name),
      meaning: setting.meaning,
      value: 'secret' in setting && setting.secret && value !== null ? '***' : value,
      default: setting.default() ?? null,
      source: config.origin.sources[name as SettingName] ?? 'default',
      file: config.origin.file,
    };
  });
}

export function printableConfig(config: Config): Record<string, unknown> {
  return Object.fromEntries(settingsOf(config).map(({ name, value }) => [name, value]));
}

export function variable(name: string): string {
  return `POINTSMAN_${name.toUpperCase()}`;
}

function flagValues(flags: Partial<Record<SettingName, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined));
}

function environmentValues(env: Record<string, string | undefined>, problems: string[]): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  const known = Object.keys(SETTINGS);
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith('POINTSMAN_') || value === undefined || OTHER_VARIABLES.test(name)) continue;
    const key = name.slice('POINTSMAN_'.length).toLowerCase();
    if (known.includes(key)) values[key] = value;
    else if (key.endsWith('_file') && isSecret(key.slice(0, -5)))
      values[key.slice(0, -5)] ??= readSecret(value, name, problems);
    else problems.push(`${name} is not a setting${suggest(key, known, variable)}`);
  }
  return values;
}

function fileValues(file: string, problems: string[]): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = parseYaml(readFileSync(file, 'utf8'));
  } catch (error) {
    problems.push(
      `${file} is not valid YAML: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`,
    );
    return {};
  }
  if (parsed === null || parsed === undefined) return {};
  if (typeof parsed !== 'object' || Array.isArray(parsed)) {
    problems.push(`${file} must be a map of settings`);
    return {};
  }
  const known = Object.keys(SETTINGS);
  for (const key of Object.keys(parsed))
    if (!known.includes(key)) problems.push(`${file}: ${key} is not a setting${suggest(key, known, (name) => name)}`);
  const given = parsed as Record<string, unknown>;
  return { ...given, ...('graphs' in given ? { graphs: besideFile(given['graphs'], path.dirname(file)) } : {}) };
}

/** Modules are named from the file's own place. */
function besideFile(graphs: unknown, directory: string): unknown {
  if (typeof graphs !== 'object' || graphs === null) return graphs;
  const at = (place: string) => path.resolve(directory, place);
  return Object.fromEntries(
    Object.entries(graphs as Record<string, unknown>).map(([name, given]) => {
      const { module } = (typeof given === 'object' && given !== null ? given : {}) as { module?: unknown };
      if (typeof given === 'string') return [name, at(given)];
      return [name, typeof module === 'string' ? { ...(given as object), module: at(module) } : given];
    }),
  );
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function readSecret(file: string, name: string, problems: string[]): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    problems.push(`${name}: ${file} cannot be read`);
    return undefined;
  }
}

function isSecret(key: string): boolean {
  const setting = SETTINGS[key as SettingName] as { secret?: boolean } | undefined;
  return setting?.secret === true;
}

function suggest(key: string, known: readonly string[], show: (name: string) => string): string {
  const near = nearestName(key, known);
  return near ? `; did you mean ${show(near)}?` : '';
}

function camelCase(name: string): string {
  return name.replaceAll(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}
