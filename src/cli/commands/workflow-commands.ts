/** workflows and state. */
import type { Command } from 'commander';
import type { ImportOptions, TrustOptions } from '../actions/import-workflow.ts';
import type { TestOptions, ValidateOptions } from '../actions/workflow-files.ts';
import type { CommonOptions } from '../session.ts';
import { type Act, choice, declare, declareGroup } from './declare.ts';
import { wholeNumber } from './option-values.ts';

const FORMATS = ['text', 'json', 'github'];

export function declareWorkflowCommands(program: Command, act: Act): void {
  const workflows = declareGroup(program, {
    name: 'workflows',
    summary: 'See saved workflows, check and move documents.',
    about: 'A workflow is named by its name or id. Without a command: ls.',
    examples: ['pointsman workflows', 'pointsman workflows validate ship.yaml'],
  });
  declare(workflows, { name: 'ls', summary: 'List the saved workflows.', examples: ['pointsman workflows ls'] })
    .option('--limit <number>', 'at most so many', wholeNumber, 200)
    .action(
      act(
        async (io, options: CommonOptions & { limit: number }) =>
          await (await import('../actions/workflows.ts')).listWorkflows(io, options),
      ),
    );
  declare(workflows, {
    name: 'validate <files...>',
    summary: 'Check workflow documents; nothing is saved or started.',
    about:
      'Every problem is told with its place. The exit code is 2 when a document is not valid. The file - is standard input. Without a server it is not checked whether the agents, channels and workflows that are named exist.',
    examples: ['pointsman workflows validate ship.yaml', 'pointsman workflows validate flows/*.yaml --format github'],
  })
    .addOption(choice('--format <format>', 'text, json, or annotations for GitHub Actions', FORMATS))
    .action(
      act(
        async (io, files: string[], options: Omit<ValidateOptions, 'files'>) =>
          await (await import('../actions/workflow-files.ts')).validateWorkflows(io, { ...options, files }),
      ),
    );
  declare(workflows, {
    name: 'test <files...>',
    summary: 'Try workflow documents against the cases beside them; needs no server and starts nothing.',
    about: [
      'The cases of ship.yaml are in ship.test.yaml: inputs, pinned outcomes of nodes, and how it must end. A node that would have an effect must be pinned where a case reaches it.',
      'Exit codes: 0 all passed, 1 a case failed, 2 a document or a file of cases is not valid.',
    ].join('\n\n'),
    examples: ['pointsman workflows test ship.yaml', 'pointsman workflows test flows/ship.yaml --format github'],
  })
    .option('--cases <file>', 'where the cases are')
    .option('--only <text>', 'only cases with this in their name')
    .addOption(choice('--format <format>', 'text, json, or annotations for GitHub Actions', FORMATS))
    .action(
      act(
        async (io, files: string[], options: Omit<TestOptions, 'files'>) =>
          await (await import('../actions/workflow-files.ts')).testWorkflows(io, { ...options, files }),
      ),
    );
  declare(workflows, {
    name: 'schema',
    summary: 'Print the JSON Schema of the document, or of a file of cases, for editors; needs no server.',
    examples: [
      'pointsman workflows schema > workflow.schema.json',
      'pointsman workflows schema --cases > workflow-cases.schema.json',
    ],
  })
    .option('--cases', 'of the cases that `workflows test` reads')
    .action(
      act(
        async (io, options: CommonOptions & { cases?: boolean }) =>
          await (await import('../actions/workflow-files.ts')).printWorkflowSchema(io, options),
      ),
    );
  declare(workflows, {
    name: 'import <file>',
    summary: 'Save a workflow document, or translate a workflow of another tool.',
    about:
      'A document, JSON or YAML, is saved. The JSON of n8n, Flowise or LangGraph and the code that Agent Builder exports are translated: what has a counterpart and what has none is told, and only --save keeps the result, which is executed once somebody has allowed what it uses.',
    examples: [
      'pointsman workflows import ship.yaml',
      'pointsman workflows import ship.yaml --as "Ship a change"    # its next version',
      'pointsman workflows import n8n.json --save',
    ],
  })
    .option('--as <workflow>', 'save it as the next version of this workflow')
    .option('--draft', 'save it although it has problems; a draft cannot be executed')
    .option('--note <text>', 'what changed')
    .option('--save', "keep another tool's workflow")
    .option('--name <name>', "what another tool's workflow is called here")
    .action(
      act(
        async (io, file: string, options: Omit<ImportOptions, 'file'>) =>
          await (await import('../actions/import-workflow.ts')).importWorkflow(io, { ...options, file }),
      ),
    );
  declare(workflows, {
    name: 'trust <workflow>',
    summary: 'Show what an imported workflow uses, and allow exactly that.',
    about:
      'Commands, agents, addresses and secrets, and when they are used: approvals, order, values. A later version that does something else is asked about again.',
    examples: ['pointsman workflows trust "Ship a change"'],
  })
    .option('--version <number>', 'this version of it (default: the newest)', wholeNumber)
    .option('--yes', 'do not ask')
    .action(
      act(
        async (io, workflow: string, options: Omit<TrustOptions, 'workflow'>) =>
          await (await import('../actions/import-workflow.ts')).trustWorkflow(io, { ...options, workflow }),
      ),
    );
  declare(workflows, {
    name: 'export <workflow>',
    alias: 'show',
    summary: 'Print the document of a workflow as YAML, or as JSON with --json.',
    examples: ['pointsman workflows export "Ship a change" > ship.yaml'],
  })
    .option('--version <number>', 'this version of it (default: the newest)', wholeNumber)
    .option('-o, --output <file>', 'write it to a new file')
    .action(
      act(
        async (io, workflow: string, options: CommonOptions & { version?: number; output?: string }) =>
          await (await import('../actions/workflows.ts')).exportWorkflow(io, { ...options, workflow }),
      ),
    );
  declare(workflows, {
    name: 'diff <workflow>',
    summary: 'Show what changed between two versions of a workflow.',
    about: 'By default between the newest version and the one before it.',
    examples: ['pointsman workflows diff "Ship a change" --from 2 --to 5'],
  })
    .option('--from <number>', 'the version before', wholeNumber)
    .option('--to <number>', 'the version after', wholeNumber)
    .action(
      act(
        async (io, workflow: string, options: CommonOptions & { from?: number; to?: number }) =>
          await (await import('../actions/history.ts')).compareVersions(io, { ...options, workflow }),
      ),
    );
  declare(workflows, {
    name: 'rm <workflow>',
    summary: 'Remove a workflow; its executions stay.',
    examples: ['pointsman workflows rm "Ship a change"'],
  }).action(
    act(
      async (io, workflow: string, options: CommonOptions) =>
        await (await import('../actions/workflows.ts')).removeWorkflow(io, { ...options, workflow }),
    ),
  );

  const state = declareGroup(program, {
    name: 'state',
    summary: 'Read and write the values that agents and workflows share.',
    examples: ['pointsman state ls release', 'pointsman state get release version'],
  });
  declare(state, {
    name: 'ls [namespace]',
    summary: 'List the keys and values of a namespace; without one, the namespaces.',
    examples: ['pointsman state ls', 'pointsman state ls release'],
  })
    .option('--limit <number>', 'at most so many', wholeNumber, 200)
    .action(
      act(async (io, namespace: string | undefined, options: CommonOptions & { limit: number }) => {
        const actions = await import('../actions/state.ts');
        if (namespace === undefined) await actions.listNamespaces(io, options);
        else await actions.listState(io, { ...options, namespace });
      }),
    );
  declare(state, {
    name: 'get <namespace> <key>',
    summary: 'Print one value.',
    examples: ['pointsman state get release version'],
  }).action(
    act(
      async (io, namespace: string, key: string, options: CommonOptions) =>
        await (await import('../actions/state.ts')).getState(io, { ...options, namespace, key }),
    ),
  );
  declare(state, {
    name: 'set <namespace> <key> <value>',
    summary: 'Set a value.',
    about:
      'JSON in its plain form is that value (3, true, {"a":1}), everything else is text; - reads it from standard input.',
    examples: [
      'pointsman state set release version \'"1.2"\'',
      'pointsman state set release ready true --if-version 3',
    ],
  })
    .option('--if-version <number>', 'only when it is still at this version', wholeNumber)
    .action(
      act(
        async (io, namespace: string, key: string, value: string, options: CommonOptions & { ifVersion?: number }) =>
          await (await import('../actions/state.ts')).setState(io, { ...options, namespace, key, value }),
      ),
    );
  declare(state, {
    name: 'rm <namespace> <key>',
    summary: 'Remove a value.',
    examples: ['pointsman state rm release version'],
  }).action(
    act(
      async (io, namespace: string, key: string, options: CommonOptions) =>
        await (await import('../actions/state.ts')).removeState(io, { ...options, namespace, key }),
    ),
  );
}
