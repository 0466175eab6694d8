/** `pointsman workflows validate`, `test` and `schema`: workflow files in somebody's CI, for people, programs and GitHub. */
import { existsSync } from 'node:fs';
import { PointsmanError, type ProblemItem } from '../../contract/errors.ts';
import { workflowCasesJsonSchema } from '../../contract/workflow-cases.ts';
import { workflowDocumentJsonSchema } from '../../contract/workflow-document.ts';
import type { CaseResult, CasesOutcome } from '../../server/workflow-files.ts';
import { createApiClient } from '../api-client.ts';
import type { CommandIo } from '../command-io.ts';
import { readFileOrInput, readText } from '../given-values.ts';
import { githubAnnotation } from '../output/annotations.ts';
import { describeProblem, reportError } from '../output/error-report.ts';
import { EXIT } from '../output/exit-codes.ts';
import { printableLine } from '../output/printable-text.ts';
import { createPrinter, type Printer } from '../output/printer.ts';
import { findServer } from '../server-location.ts';
import type { CommonOptions } from '../session.ts';
import { UsageError } from '../usage-error.ts';

type Format = 'text' | 'json' | 'github';

export interface ValidateOptions extends CommonOptions {
  files: string[];
  format?: Format;
}

interface Checked {
  file: string;
  valid: boolean;
  problems: ProblemItem[];
}

export async function validateWorkflows(io: CommandIo, options: ValidateOptions): Promise<number> {
  const print = createPrinter(io);
  const check = await checker(io, options, print);
  const checked: Checked[] = [];
  for (const file of options.files) checked.push({ file, ...(await check(await readFileOrInput(file, io))) });
  const format = formatOf(options);
  const [first] = checked;
  // One file was answered with one object before there could be more.
  if (format === 'json')
    print.json(checked.length === 1 && first ? { valid: first.valid, problems: first.problems } : checked);
  else for (const one of checked) tell(one, format);
  return checked.every(({ valid }) => valid) ? EXIT.ok : EXIT.invalid;

  function tell({ file, valid, problems }: Checked, as: Format): void {
    if (as === 'github') for (const problem of problems) print.line(annotation(file, problem));
    else if (valid) for (const problem of problems) print.warn(`${prefix(file)}${describeProblem(problem)}`);
    else
      reportError(
        new PointsmanError('WORKFLOW_INVALID', {
          detail: `${file} is not a valid workflow.`,
          problems,
          cause: { next: 'Correct what is listed, then check again.' },
        }),
        io,
      );
    if (valid) print.note(`${file} is valid.`);
  }

  function prefix(file: string): string {
    return options.files.length > 1 ? `${file}: ` : '';
  }
}

export async function printWorkflowSchema(io: CommandIo, { cases }: { cases?: boolean }): Promise<number> {
  createPrinter(io).json(cases ? workflowCasesJsonSchema() : workflowDocumentJsonSchema());
  return EXIT.ok;
}

/** A server also knows which agents, channels and workflows there are; without one the document itself is checked. */
async function checker(
  io: CommandIo,
  options: CommonOptions,
  print: Printer,
): Promise<(text: string) => Promise<Omit<Checked, 'file'>>> {
  const location = findServer(io.env, options.home);
  if (location) {
    const api = createApiClient(location);
    return async (text) => await api.call('validateWorkflow', { text });
  }
  const { checkWorkflowText } = await import('../../server/workflow-files.ts');
  print.note('No server runs: whether the agents, channels and workflows it names exist is not checked.');
  return (text) => {
    const { valid, problems } = checkWorkflowText(text);
    return Promise.resolve({ valid, problems });
  };
}

function formatOf({ format, json }: { format?: Format; json?: boolean }): Format {
  return json ? 'json' : (format ?? 'text');
}

function annotation(file: string, { severity, code, message, line, column }: ProblemItem): string {
  return githubAnnotation({ severity, file: file === '-' ? 'stdin' : file, line, column, title: code, message });
}

export interface TestOptions extends CommonOptions {
  files: string[];
  /** Where the cases are, in place of the file beside the document. */
  cases?: string;
  only?: string;
  format?: Format;
}

interface TestedFile {
  file: string;
  cases: string;
  results: CaseResult[];
}

export async function testWorkflows(io: CommandIo, options: TestOptions): Promise<number> {
  const print = createPrinter(io);
  if (options.cases !== undefined && options.files.length > 1)
    throw new UsageError('--cases is for one workflow.', 'Test the files one by one.');
  const { checkWorkflowText, tryCases } = await import('../../server/workflow-files.ts');
  const format = formatOf(options);
  const tested: TestedFile[] = [];
  let isInvalid = false;
  for (const file of options.files) {
    const cases = options.cases ?? casesBeside(file);
    const { document, problems } = checkWorkflowText(readText(file));
    const outcome: CasesOutcome = document
      ? tryCases(document, readText(cases), options.only)
      : { outcome: 'invalid', problems };
    if (outcome.outcome === 'tried') tested.push({ file, cases, results: outcome.results });
    else tellInvalid(document ? cases : file, outcome.problems, document ? 'no file of cases' : 'not a valid workflow');
  }
  if (format === 'json') print.json(tested);
  else for (const one of tested) tellTested(print, one, format);
  const results = tested.flatMap((one) => one.results);
  const failed = results.filter(({ failures }) => failures.length > 0).length;
  if (format !== 'json') print.line(`${results.length - failed} passed, ${failed} failed`);
  if (isInvalid) return EXIT.invalid;
  if (results.length === 0)
    throw new UsageError(`No case is called “${options.only ?? ''}”.`, 'Leave --only out to run all.');
  return failed > 0 ? EXIT.failed : EXIT.ok;

  function tellInvalid(file: string, problems: readonly ProblemItem[], what: string): void {
    isInvalid = true;
    if (format === 'github') for (const problem of problems) print.line(annotation(file, problem));
    else
      reportError(
        new PointsmanError('WORKFLOW_INVALID', { detail: `${file} is ${what}.`, problems: [...problems] }),
        io,
      );
  }
}

function casesBeside(file: string): string {
  const stem = file.replace(/\.(?:ya?ml|json)$/i, '');
  const places = ['yaml', 'yml', 'json'].map((ending) => `${stem}.test.${ending}`);
  const found = places.find((place) => existsSync(place));
  if (found !== undefined) return found;
  throw new UsageError(
    `There are no cases beside ${file}.`,
    `Write them in ${places[0]}, or name a file with --cases.`,
  );
}

function tellTested(print: Printer, { file, cases, results }: TestedFile, format: Format): void {
  if (format === 'text') print.line(print.paint('bold', file));
  for (const { name, failures, line } of results) {
    if (format === 'github')
      for (const message of failures)
        print.line(githubAnnotation({ severity: 'error', file: cases, line, title: name, message }));
    else {
      const mark = failures.length === 0 ? print.paint('green', 'passed') : print.paint('red', 'failed');
      print.line(`  ${mark}  ${printableLine(name)}`);
      for (const failure of failures) print.line(`            ${printableLine(failure)}`);
    }
  }
}
