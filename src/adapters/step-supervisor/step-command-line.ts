/**
 * From a step's command and environment to the exact argument list and environment of its supervisor;
 * finds out beforehand what cannot run. Starts nothing.
 */
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import type { StepCommand } from '../../ports/step-supervisor.ts';

export type CommandLine =
  | { outcome: 'ready'; argv: string[]; env: Record<string, string>; path: string }
  | { outcome: 'failed'; code: 'COMMAND_NOT_FOUND' | 'CWD_MISSING' | 'SPAWN_FAILED'; reason: string };

/** Where the supervisor finds its own tools, whatever PATH the step has. */
export const TOOLS_PATH = '/usr/bin:/bin:/usr/local/bin:/run/current-system/sw/bin';

export async function commandLine(command: StepCommand): Promise<CommandLine> {
  const argv = typeof command.command === 'string' ? ['/bin/sh', '-c', command.command] : [...command.command];
  const program = argv[0];
  if (!program) return { outcome: 'failed', code: 'COMMAND_NOT_FOUND', reason: 'the command is empty' };
  const { cwd, env } = command;
  if ([cwd, ...argv, ...Object.keys(env), ...Object.values(env)].some((text) => text.includes('\0'))) {
    return {
      outcome: 'failed',
      code: 'SPAWN_FAILED',
      reason: 'a NUL character is in the command, its directory or its environment',
    };
  }
  const badName = Object.keys(env).find((name) => name === '' || name.includes('='));
  if (badName !== undefined)
    return {
      outcome: 'failed',
      code: 'SPAWN_FAILED',
      reason: `${JSON.stringify(badName)} cannot be the name of an environment variable`,
    };
  if (!isAbsolute(cwd))
    return {
      outcome: 'failed',
      code: 'CWD_MISSING',
      reason: `the working directory ${JSON.stringify(cwd)} is not an absolute path`,
    };
  const directory = await stat(cwd).catch(() => undefined);
  if (!directory?.isDirectory())
    return { outcome: 'failed', code: 'CWD_MISSING', reason: `there is no directory ${JSON.stringify(cwd)}` };
  if (!(await findProgram({ program, path: env['PATH'], cwd }))) {
    return {
      outcome: 'failed',
      code: 'COMMAND_NOT_FOUND',
      reason: `${JSON.stringify(program)} is not a program that can be run${program.includes('/') ? '' : ' in the PATH of the step'}`,
    };
  }
  return { outcome: 'ready', ...(await wrapped({ argv, program, env })) };
}

/**
 * A shell in between would change some variables (PWD, OPTIND …), obey others (SHELLOPTS, LD_PRELOAD …) and lose
 * those whose name is no identifier. These few go around it through `env`; the others never show in an argument list.
 */
async function wrapped({
  argv,
  program,
  env,
}: {
  argv: string[];
  program: string;
  env: StepCommand['env'];
}): Promise<{ argv: string[]; env: Record<string, string>; path: string }> {
  const through: Record<string, string> = { PATH: TOOLS_PATH };
  const around: string[] = [];
  for (const [name, value] of Object.entries(env)) {
    if (name === 'PATH' || name === 'POINTSMAN_STEP') continue;
    if (PASSES_A_SHELL.test(name) && !SHELL_OWN.test(name)) through[name] = value;
    else around.push(`${name}=${value}`);
  }
  // `env` would take a first word with "=" for a variable and one with "-" for an option.
  const command = /^-|=/.test(program) ? ['/bin/sh', '-c', 'exec "$@"', 'sh', ...argv] : argv;
  const setsid = await findProgram({ program: 'setsid', path: TOOLS_PATH, cwd: '/' });
  const viaEnv =
    around.length === 0 && command === argv
      ? []
      : [(await findProgram({ program: 'env', path: TOOLS_PATH, cwd: '/' })) ?? '/usr/bin/env', ...around];
  return {
    // An own session: a command that signals its whole group (`kill 0`) must not take its supervisor with it.
    argv: [...(setsid ? [setsid] : []), ...viaEnv, ...command],
    env: through,
    path: env['PATH'] === undefined ? '' : `=${env['PATH']}`,
  };
}

const PASSES_A_SHELL = /^[A-Za-z_][A-Za-z0-9_]*$/;
const SHELL_OWN =
  /^(BASH.*|SHELLOPTS|POSIXLY_CORRECT|ENV|IFS|PS\d|PWD|OLDPWD|SHLVL|OPTIND|OPTARG|OPTERR|LINENO|PPID|UID|EUID|GROUPS|RANDOM|SRANDOM|SECONDS|EPOCH.*|FUNCNEST|FUNCNAME|DIRSTACK|HIST.*|MAIL.*|CDPATH|IGNOREEOF|TMOUT|TIMEFORMAT|GLOBIGNORE|EXECIGNORE|FIGNORE|COMP_.*|PIPESTATUS|_|LD_.*|DYLD_.*|run|cwd|path|mask|stat|started|boot|code)$/;

async function findProgram({
  program,
  path,
  cwd,
}: {
  program: string;
  path: string | undefined;
  cwd: string;
}): Promise<string | undefined> {
  // What execvp does without a PATH.
  const places = program.includes('/') ? [''] : (path ?? '/bin:/usr/bin').split(':');
  for (const place of places) {
    const file = resolve(cwd, program.includes('/') ? program : join(place || '.', program));
    const found = await stat(file).catch(() => undefined);
    if (
      found?.isFile() &&
      (await access(file, constants.X_OK).then(
        () => true,
        () => false,
      ))
    )
      return file;
  }
  return undefined;
}
