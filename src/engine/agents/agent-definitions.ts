/**
 * The agent definitions of this installation. Their files are the truth: they are read again when they change, and what a
 * good one says is given to the rows of the agents that use it. A bad one is reported, and changes nothing.
 */
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type {
  AgentDefinition,
  AgentDefinitionEntry,
  AgentDefinitionFile,
  ChangeAgentDefinition,
  ImportAgentDefinitions,
  ImportedAgentDefinitions,
} from '../../contract/agent-definitions.ts';
import { PointsmanError, type ProblemItem } from '../../contract/errors.ts';
import { changeDefinition, readDefinition } from '../../domain/agent-definition.ts';
import { nearestName } from '../../domain/workflow/nearest-name.ts';
import type { DefinitionFolder, DefinitionText } from '../../ports/definition-folder.ts';
import type { AgentRecord } from '../../ports/store/agents.ts';
import type { Actor, EngineContext } from '../engine-context.ts';
import { publishAgent } from './agent-view.ts';

export interface AgentDefinitionsOptions {
  folder: DefinitionFolder;
  currentTaskOf: (agentId: string) => string | null;
}

interface Known {
  name: string;
  file: string;
  text: string;
  /** In force: what the file said when it was last good, as far as this process has seen it. */
  definition: AgentDefinition | null;
  problems: ProblemItem[];
}

interface Expected {
  name: string;
  /** The version that the change is meant for; null: any. */
  version: number | null;
}

export class AgentDefinitions {
  readonly #context: EngineContext;
  readonly #options: AgentDefinitionsOptions;
  #known: Known[] = [];
  /** One thing at a time: a change is made on what was just read, and an agent gets what is in force. */
  #turn: Promise<unknown> = Promise.resolve();
  #watch: { close(): void } | null = null;

  constructor(context: EngineContext, options: AgentDefinitionsOptions) {
    this.#context = context;
    this.#options = options;
  }

  /** Reads everything and goes on watching. */
  async start(): Promise<void> {
    const read = () =>
      this.#inTurn(async () => undefined).catch((error: unknown) =>
        this.#context.log.error({ error }, 'the agent definitions could not be read'),
      );
    this.#watch = this.#options.folder.watch(() => void read());
    await read();
  }

  async close(): Promise<void> {
    this.#watch?.close();
    await this.#turn;
  }

  list(): Promise<AgentDefinitionEntry[]> {
    return this.#inTurn(async () => {
      const agents = await this.#agents();
      return this.#known.map((known) => entryOf(known, agents));
    });
  }

  get(name: string): Promise<AgentDefinitionFile> {
    return this.#inTurn(() => this.#file(this.#required(name)));
  }

  /** Does something for which this definition must be in force, such as giving it to an agent. */
  use<T>(name: string, work: (definition: AgentDefinition) => Promise<T>): Promise<T> {
    return this.#inTurn(() => work(this.#inForce(name)));
  }

  put({ name, version }: Expected, text: string, by: Actor): Promise<AgentDefinitionFile> {
    return this.#inTurn(async () => {
      const known = this.#known.find((one) => one.name === name);
      requireVersion(known, version);
      const { definition, problems } = readDefinition(text);
      const renamed = definition && definition.name !== name ? [otherName(definition.name, name)] : [];
      if (!definition || renamed.length > 0) throw invalid([...problems, ...renamed], '/text');
      return this.#write(known?.file ?? this.#freeFile(name), { name, text, by });
    });
  }

  change({ name, version }: Expected, changes: ChangeAgentDefinition, by: Actor): Promise<AgentDefinitionFile> {
    return this.#inTurn(async () => {
      const known = this.#required(name);
      requireVersion(known, version);
      if (known.problems.length > 0) throw invalid(known.problems, '', `${known.file} has to be corrected first.`);
      const text = changeDefinition(known.text, changes);
      const { problems } = readDefinition(text);
      if (problems.length > 0) throw invalid(problems, '');
      return this.#write(known.file, { name, text, by });
    });
  }

  remove({ name, version }: Expected, by: Actor): Promise<void> {
    return this.#inTurn(async () => {
      const known = this.#required(name);
      requireVersion(known, version);
      const { agents } = entryOf(known, await this.#agents());
      if (agents.length > 0)
        throw new PointsmanError('DEFINITION_IN_USE', { detail: `“${name}” is used by ${agents.join(', ')}.` });
      await this.#options.folder.remove(known.file);
      await this.#audit('definition.remove', name, by);
    });
  }

  /** All of them or none: every file is looked at before the first is written. */
  import({ files, replace = false }: ImportAgentDefinitions, by: Actor): Promise<ImportedAgentDefinitions> {
    return this.#inTurn(async () => {
      const wanted = definitionsIn(files);
      const taken = wanted.filter(({ name, text }) => {
        const known = this.#known.find((one) => one.name === name);
        return known && known.text !== text;
      });
      if (taken.length > 0 && !replace)
        throw new PointsmanError('DEFINITION_EXISTS', {
          detail: `There are others under these names: ${taken.map(({ name }) => name).join(', ')}.`,
        });
      const imported: ImportedAgentDefinitions = [];
      for (const { name, text } of wanted) {
        const known = this.#known.find((one) => one.name === name);
        const outcome = !known ? 'created' : known.text === text ? 'unchanged' : 'changed';
        if (outcome !== 'unchanged') await this.#write(known?.file ?? this.#freeFile(name), { name, text, by });
        imported.push({ name, outcome });
      }
      return imported;
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#turn.then(() => this.#read()).then(work);
    this.#turn = next.catch(() => undefined);
    return next;
  }

  async #read(): Promise<void> {
    const before = new Map(this.#known.map((one) => [one.file, one]));
    const names = new Map<string, string>();
    this.#known = (await this.#options.folder.read()).map((found) => {
      const known = knownAs(found, before.get(found.file), names);
      const changed = !isDeepStrictEqual(known.problems, before.get(found.file)?.problems ?? []);
      if (changed && known.problems.length > 0)
        this.#context.log.warn(
          { file: known.file, problems: known.problems },
          'an agent definition is not valid; its agents keep what it said before',
        );
      return known;
    });
    await this.#give();
  }

  /** Rows that say something else than their definition; they have it at their next start. */
  async #give(): Promise<void> {
    for (const agent of await this.#agents()) {
      const known = this.#known.find((one) => one.definition && one.name === agent.definition?.name);
      const definition = known?.definition ? { version: 1 as const, ...known.definition } : null;
      if (!definition || isDeepStrictEqual(definition, agent.definition)) continue;
      await this.#context.store.transaction(async (transaction) => {
        const after = await transaction.agents.update(agent.id, { definition });
        if (after) publishAgent(transaction, after, this.#options.currentTaskOf(agent.id));
      });
    }
  }

  /** Those of this machine: another one has a folder of its own. */
  async #agents(): Promise<AgentRecord[]> {
    const agents = await this.#context.store.agents.list();
    return agents.filter((agent) => agent.definition && agent.hostId === this.#context.hostId);
  }

  async #write(
    file: string,
    { name, text, by }: { name: string; text: string; by: Actor },
  ): Promise<AgentDefinitionFile> {
    await this.#options.folder.write(file, text);
    await this.#audit('definition.write', name, by);
    await this.#read();
    return this.#file(this.#required(name));
  }

  #required(name: string): Known {
    const known = this.#known.find((one) => one.name === name);
    if (!known) throw new PointsmanError('DEFINITION_NOT_FOUND', { detail: `There is no definition “${name}”.` });
    return known;
  }

  #inForce(name: string): AgentDefinition {
    const known = this.#known.find((one) => one.name === name);
    if (known?.definition) return known.definition;
    const near = nearestName(
      name,
      this.#known.map((one) => one.name),
    );
    const message = known
      ? `The definition “${name}” has problems: ${known.problems[0]?.message ?? 'it cannot be read.'}`
      : `There is no definition “${name}”.${near ? ` Did you mean ${near}?` : ''}`;
    throw new PointsmanError('INVALID_REQUEST', {
      detail: message,
      problems: [{ path: '/definition', code: 'UNKNOWN_DEFINITION', message, severity: 'error' }],
    });
  }

  async #file(known: Known): Promise<AgentDefinitionFile> {
    const { definition, text } = known;
    const entry = entryOf(known, await this.#agents());
    return { ...entry, ...(definition ? { instructions: definition.instructions } : {}), text };
  }

  #freeFile(name: string): string {
    const taken = new Set(this.#known.map(({ file }) => file));
    let file = `${name}.md`;
    for (let number = 2; taken.has(file) || file === 'README.md'; number++) file = `${name}-${number}.md`;
    return file;
  }

  async #audit(action: string, name: string, by: Actor): Promise<void> {
    await this.#context.store.identity.audit({ actor: by.name, action, subject: name, detail: {} });
  }
}

/** `names`: which file said a name first; a second one is a problem of its own. */
function knownAs(
  { file, text, unreadable }: DefinitionText,
  before: Known | undefined,
  names: Map<string, string>,
): Known {
  const read = unreadable === undefined ? readDefinition(text) : { definition: null, problems: [problem(unreadable)] };
  const name = read.definition?.name ?? before?.name ?? file.replace(/\.md$/, '');
  const first = names.get(name);
  names.set(name, first ?? file);
  if (first !== undefined)
    return { name, file, text, definition: null, problems: [problem(`${first} is named “${name}” too.`, '/name')] };
  return { name, file, text, definition: read.definition ?? before?.definition ?? null, problems: read.problems };
}

function definitionsIn(files: ImportAgentDefinitions['files']): { name: string; text: string }[] {
  const problems: ProblemItem[] = [];
  const wanted: { name: string; text: string }[] = [];
  for (const [index, { file, text }] of files.entries()) {
    const read = readDefinition(text);
    const { name } = read.definition ?? {};
    const twice = wanted.some((one) => one.name === name)
      ? [problem(`“${name}” is the name of another file too.`, '/name')]
      : [];
    for (const item of [...read.problems, ...twice])
      problems.push({ ...item, path: `/files/${index}/text${item.path}`, message: `${file}: ${item.message}` });
    if (name !== undefined) wanted.push({ name, text });
  }
  if (problems.length > 0) throw invalid(problems, '');
  return wanted;
}

function entryOf(
  { name, file, text, definition, problems }: Known,
  agents: readonly AgentRecord[],
): AgentDefinitionEntry {
  const { name: _name, instructions: _instructions, ...said } = definition ?? {};
  return {
    name,
    file,
    version: versionOf(text),
    ...said,
    problems,
    agents: agents.filter((agent) => agent.definition?.name === name).map((agent) => agent.name),
  };
}

/** 52 bits of the text's hash: a whole number that JSON keeps. */
function versionOf(text: string): number {
  return Number.parseInt(createHash('sha256').update(text).digest('hex').slice(0, 13), 16);
}

function requireVersion(known: Known | undefined, expected: number | null): void {
  if (expected === null || (known && versionOf(known.text) === expected)) return;
  throw new PointsmanError('VERSION_CONFLICT', {
    detail: known ? `It has version ${versionOf(known.text)} now.` : 'It does not exist.',
  });
}

function otherName(name: string, wanted: string): ProblemItem {
  return problem(`The text names itself “${name}”, the address “${wanted}”. A new name is a new definition.`, '/name');
}

function problem(message: string, path = ''): ProblemItem {
  return { path, code: 'INVALID_VALUE', message, severity: 'error' };
}

function invalid(problems: readonly ProblemItem[], at: string, detail?: string): PointsmanError {
  return new PointsmanError('DEFINITION_INVALID', {
    detail: detail ?? problems[0]?.message ?? 'The definition is not valid.',
    problems: problems.map((item) => ({ ...item, path: `${at}${item.path}` })),
  });
}
