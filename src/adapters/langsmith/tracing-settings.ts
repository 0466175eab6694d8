/** Whether traces are wanted, in the variables that LangSmith's own documentation names. */

const SWITCHES = ['LANGSMITH_TRACING', 'LANGSMITH_TRACING_V2', 'LANGCHAIN_TRACING_V2', 'LANGCHAIN_TRACING'];
const KEYS = ['LANGSMITH_API_KEY', 'LANGCHAIN_API_KEY'];

export type Environment = Record<string, string | undefined>;

/** Only with both: a switch without a key would send everything to a server that refuses it. */
export function wantsTraces(env: Environment): boolean {
  return SWITCHES.some((name) => env[name] === 'true') && KEYS.some((name) => env[name]);
}

/** The same environment with the switch on or off for whatever LangChain runs in it. */
export function withTraces<Env extends Environment>(env: Env, wanted: boolean): Env {
  const others = Object.entries(env).filter(([name]) => !SWITCHES.includes(name));
  return Object.fromEntries([...others, ...(wanted ? [['LANGSMITH_TRACING', 'true']] : [])]) as Env;
}

/**
 * Takes the switch out of this process: LangChain would trace the graph that hosts executions, which shows its one node
 * over and over, with the whole state of the execution each time.
 */
export function switchOff(env: Environment): void {
  for (const name of SWITCHES) delete env[name];
}
