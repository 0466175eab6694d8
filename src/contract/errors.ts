/** The one catalogue of errors: code, HTTP status, kind, what happened and what to do next. */

export type ErrorKind = 'user' | 'operational' | 'unexpected';

interface CatalogueEntry {
  status: number;
  kind: ErrorKind;
  title: string;
  /** One sentence for the person who sees it: what to do next. */
  next: string;
}

function entry(status: number, kind: ErrorKind, title: string, next: string): CatalogueEntry {
  return { status, kind, title, next };
}

export const ERRORS = {
  // the request
  INVALID_REQUEST: entry(422, 'user', 'The request is not valid', 'Correct the fields listed in `problems`.'),
  MALFORMED_BODY: entry(
    400,
    'user',
    'The body cannot be read',
    'Send valid JSON with the content type application/json.',
  ),
  UNSUPPORTED_MEDIA_TYPE: entry(415, 'user', 'The content type is not accepted', 'Send the body as application/json.'),
  BODY_TOO_LARGE: entry(
    413,
    'user',
    'The body is too large',
    'Send at most 1 MiB; put large data in a file or in shared state.',
  ),
  NOT_FOUND: entry(404, 'user', 'There is nothing here', 'Check the address and the id.'),
  METHOD_NOT_ALLOWED: entry(
    405,
    'user',
    'The method is not allowed here',
    'See /api/docs for what this address takes.',
  ),
  RATE_LIMITED: entry(429, 'user', 'Too many requests', 'Wait for the time given in Retry-After.'),
  HOST_NOT_ALLOWED: entry(
    421,
    'user',
    'This host name is not served',
    'Use a loopback address, or set POINTSMAN_PUBLIC_URL to the address people use.',
  ),
  ORIGIN_NOT_ALLOWED: entry(403, 'user', 'This origin is not allowed', 'Open Pointsman at its own address.'),
  IDEMPOTENCY_KEY_REUSED: entry(
    409,
    'user',
    'The Idempotency-Key was used for another request',
    'Use a new key for a new request.',
  ),
  VERSION_CONFLICT: entry(
    412,
    'user',
    'It was changed meanwhile',
    'Read it again and repeat your change on the newest version.',
  ),
  // identity
  UNAUTHENTICATED: entry(
    401,
    'user',
    'Sign in first',
    'Open the sign-in link printed by `pointsman up`, or send a bearer token.',
  ),
  FORBIDDEN: entry(
    403,
    'user',
    'You may not do this',
    'Ask an administrator for the role or permission named in the detail.',
  ),
  SIGN_IN_FAILED: entry(
    401,
    'user',
    'The sign-in did not succeed',
    'Check the name and password, or print a new link with `pointsman up --link`.',
  ),
  CODE_USED_OR_EXPIRED: entry(
    401,
    'user',
    'This sign-in link was used or has expired',
    'Print a new one with `pointsman up --link`.',
  ),
  SESSION_REVOKED: entry(401, 'user', 'This session has ended', 'Sign in again.'),
  // agents and tasks
  AGENT_NOT_FOUND: entry(404, 'user', 'There is no such agent', 'List the agents with `pointsman agents`.'),
  AGENT_NAME_TAKEN: entry(409, 'user', 'An agent of this name exists', 'Choose another name.'),
  AGENT_NOT_RUNNING: entry(409, 'user', 'The agent is not running', 'Start it first.'),
  AGENT_ALREADY_RUNNING: entry(409, 'user', 'The agent is running already', 'Restart it if you want a fresh session.'),
  AGENT_BUSY: entry(409, 'user', 'The agent is busy', 'Wait until its task ends, or interrupt it.'),
  AGENT_BLOCKED: entry(409, 'user', 'The agent waits for a decision', 'Answer its request in the inbox first.'),
  AGENT_IDLE: entry(409, 'user', 'There is nothing to interrupt', 'The agent has no running task.'),
  AGENT_EXITED: entry(409, 'operational', 'The agent ended', 'See its screen for the reason and start it again.'),
  AGENT_ADOPTED: entry(
    409,
    'user',
    'The agent still runs in its own terminal',
    'Restart it: it goes on with the same conversation under Pointsman, and takes tasks then.',
  ),
  SESSION_NOT_FOUND: entry(
    404,
    'user',
    'There is no such session to adopt',
    'See what can be adopted with `pointsman adopt --list`.',
  ),
  SESSION_NOT_ADOPTABLE: entry(
    409,
    'user',
    'This session cannot be adopted',
    'See the detail; `pointsman adopt --list` shows what can be.',
  ),
  AGENT_NOT_A_SHELL: entry(
    422,
    'user',
    'This command is not a shell that can be observed',
    'Use bash (4.4 or newer) or zsh as the command of a shell agent.',
  ),
  AGENT_START_FAILED: entry(
    409,
    'operational',
    'The agent could not be started',
    'See the detail; `pointsman doctor` checks this machine.',
  ),
  AGENT_KIND_UNAVAILABLE: entry(
    422,
    'user',
    'Agents of this kind cannot be run yet',
    'Use kind shell, or install what the detail names.',
  ),
  NO_TERMINAL: entry(
    409,
    'user',
    'This agent has no terminal',
    'Only agents in mode tmux have one, and only while they run.',
  ),
  SEAT_REQUIRED: entry(
    409,
    'user',
    'You do not hold the seat',
    'Take the seat with PUT /api/agents/{id}/seat, then type.',
  ),
  SEAT_TAKEN: entry(409, 'user', 'Somebody else holds the seat', 'Wait until they give it up, or take it with force.'),
  DEFINITION_NOT_FOUND: entry(
    404,
    'user',
    'There is no such agent definition',
    'List them with `pointsman agents definitions`.',
  ),
  DEFINITION_INVALID: entry(
    422,
    'user',
    'The agent definition is not valid',
    'Correct what `problems` lists; nothing was changed.',
  ),
  DEFINITION_EXISTS: entry(
    409,
    'user',
    'Agent definitions of these names exist and say something else',
    'Compare them, then import again with `replace` (`--replace`), or leave those files out.',
  ),
  DEFINITION_IN_USE: entry(
    409,
    'user',
    'Agents use this definition',
    'Remove them, or give them another one, first; the detail names them.',
  ),
  WORKSPACE_MISSING: entry(
    422,
    'user',
    'The workspace directory does not exist',
    'Create the directory or correct the path.',
  ),
  BUDGET_EXCEEDED: entry(
    409,
    'user',
    'The budget is used up',
    'Raise it in the inbox; the budget of a day is new with the next day (UTC).',
  ),
  TASK_NOT_FOUND: entry(404, 'user', 'There is no such task', 'List the tasks of the agent.'),
  TASK_RUNNING: entry(409, 'user', 'The task has not ended yet', 'Wait for its end, or cancel it first.'),
  TASK_NOT_ISOLATED: entry(
    409,
    'user',
    'The task worked in a shared directory, where its changes cannot be told from others',
    'Give the next one `workspace: worktree`, or make the agent with `isolation: worktree`.',
  ),
  TASK_NOT_BEGUN: entry(409, 'user', 'The task did not begin, so it changed nothing', 'Wait until it begins.'),
  CHANGES_DISCARDED: entry(409, 'user', 'The changes of this task were discarded', 'Create a new task.'),
  WORKSPACE_NOT_A_REPOSITORY: entry(
    422,
    'user',
    'A worktree needs a git repository with a commit',
    'Run `git init` there and commit, or work without a worktree.',
  ),
  WORKSPACE_HAS_CHANGES: entry(
    409,
    'user',
    'Uncommitted work in the workspace lies in the way of the merge',
    'Commit or stash the files named in the detail, then merge again.',
  ),
  WORKTREE_IN_USE: entry(409, 'user', 'The worktree is still in use', 'End what the detail names first.'),
  WORKTREE_HOLDS_WORK: entry(
    409,
    'user',
    'The worktree holds uncommitted work',
    'Merge or commit it, or leave the worktree where it is with `?worktree=keep`.',
  ),
  NO_RUNNING_TASK: entry(
    409,
    'user',
    'There is no task to report on',
    'Answer in your own words; tools like this are for the task that an agent is on.',
  ),
  DELEGATION_REFUSED: entry(
    403,
    'user',
    'The task may not be handed to this agent',
    'Do it yourself, or ask a person with ask_human.',
  ),
  TASK_FINISHED: entry(409, 'user', 'The task has ended', 'Create a new task.'),
  SHELL_PROMPT_MULTILINE: entry(
    422,
    'user',
    'A shell agent takes one command line',
    'Join the lines with `;` or `&&`, or put them in a script.',
  ),
  PROMPT_CONTROL_CHARACTERS: entry(
    422,
    'user',
    'The prompt contains control characters',
    'Remove all control characters other than tab and newline.',
  ),
  DELIVERY_FAILED: entry(
    409,
    'operational',
    'The prompt did not reach the agent',
    'Look at its terminal, then send it again.',
  ),
  DELIVERY_UNKNOWN: entry(
    409,
    'operational',
    'Whether the prompt reached the agent is not known',
    'Look at its terminal before you send it again.',
  ),
  AGENT_AUTH_FAILED: entry(
    409,
    'operational',
    'The agent is not signed in',
    'Sign its CLI in, or give the agent a key; `pointsman agents explain` says more.',
  ),
  AGENT_RATE_LIMITED: entry(
    409,
    'operational',
    'The rate limit of the agent’s model was reached',
    'Wait until it is lifted, then send the task again.',
  ),
  MODEL_FAILED: entry(
    409,
    'operational',
    'The agent’s model did not answer',
    'See the message; when the provider works again, send the task again.',
  ),
  SECRET_NOT_FOUND: entry(
    404,
    'user',
    'There is no such secret',
    'Store it with `pointsman secrets set NAME`, or correct the name.',
  ),
  SECRET_UNREADABLE: entry(
    500,
    'operational',
    'A stored secret cannot be decrypted',
    'Start with the master key it was stored under, or store the secret again.',
  ),
  POLICY_NOT_FOUND: entry(404, 'user', 'There is no such rule', 'List the rules with GET /api/policies.'),
  COMMAND_FAILED: entry(409, 'user', 'The command ended with an error', 'See its output.'),
  COMMAND_NOT_FOUND: entry(422, 'user', 'The command was not found', 'Install it, or correct the name.'),
  CWD_MISSING: entry(422, 'user', 'The working directory does not exist', 'Create it, or correct `cwd`.'),
  SPAWN_FAILED: entry(409, 'operational', 'The process could not be started', 'See the detail.'),
  NON_ZERO_EXIT: entry(409, 'user', 'The command ended with a non-zero exit status', 'See its output.'),
  NO_AGENT_AVAILABLE: entry(
    409,
    'operational',
    'No agent can take this step',
    'Start or create an agent with the name or capability asked for.',
  ),
  // incidents
  INCIDENT_NOT_FOUND: entry(404, 'user', 'There is no such incident', 'List the incidents.'),
  INCIDENT_WRONG_STATE: entry(
    409,
    'user',
    'The incident is in another state',
    'Read it again: take it while it alerts, resolve it while you look into it or while it is degraded.',
  ),
  // inbox
  INBOX_ITEM_NOT_FOUND: entry(404, 'user', 'There is no such inbox item', 'List the open items.'),
  INBOX_ITEM_CLOSED: entry(
    409,
    'user',
    'This was answered, withdrawn or has expired',
    'Nothing is left to do; see who answered what.',
  ),
  INBOX_ITEM_CHANGED: entry(
    409,
    'user',
    'What you answered is not what is asked now',
    'Read the item again and answer what it shows.',
  ),
  DECISION_NOT_OFFERED: entry(
    422,
    'user',
    'This decision is not one of the choices',
    'Choose one of the item’s `choices`.',
  ),
  // workflows and executions
  WORKFLOW_NOT_FOUND: entry(404, 'user', 'There is no such workflow', 'List the workflows.'),
  WORKFLOW_INVALID: entry(422, 'user', 'The workflow is not valid', 'Correct what `problems` lists.'),
  WORKFLOW_DRAFT: entry(
    409,
    'user',
    'A draft with problems cannot be executed',
    'Correct the problems and save it without draft.',
  ),
  WORKFLOW_UNTRUSTED: entry(
    409,
    'user',
    'The workflow was imported, and nobody has allowed what it uses yet',
    'Look at what it uses and allow it: `pointsman workflows trust NAME`, or the page of the workflow.',
  ),
  WORKFLOW_USES_CHANGED: entry(
    409,
    'user',
    'The workflow uses something else by now than what was shown',
    'Look at what it uses again, and allow that.',
  ),
  IMPORT_UNREADABLE: entry(
    422,
    'user',
    'This is no workflow that can be imported',
    'Give the JSON of n8n, Flowise or LangGraph, or the code that Agent Builder exports.',
  ),
  WORKFLOW_IN_USE: entry(
    409,
    'user',
    'Executions of this workflow are still running',
    'Cancel them or wait for their end.',
  ),
  EXECUTION_SKIPPED: entry(
    409,
    'user',
    'Another execution of this workflow is under way',
    'Wait for its end: the workflow’s `concurrency` is `skip`.',
  ),
  LINE_FULL: entry(
    409,
    'user',
    'Too many executions of this workflow wait for their turn',
    'Wait until some have ended, or cancel those that are not needed.',
  ),
  TRIGGER_NOT_FOUND: entry(404, 'user', 'There is no such trigger', 'List the triggers with `pointsman triggers`.'),
  TRIGGER_NOT_A_WEBHOOK: entry(
    409,
    'user',
    'Only a webhook has a secret',
    'Choose a trigger of the kind webhook; `pointsman triggers` lists them.',
  ),
  TRIGGER_INPUTS_FAILED: entry(
    422,
    'user',
    'The trigger’s inputs cannot be made from what happened',
    'Correct the `inputs` of the trigger; the detail says what is missing.',
  ),
  TRIGGER_CHAIN_TOO_LONG: entry(
    409,
    'user',
    'Workflows start each other again and again',
    'Break the circle of triggers, then enable what was stopped.',
  ),
  TRIGGER_EVENTS_MISSED: entry(
    409,
    'operational',
    'What the trigger listens to is kept for a day, and it was not looked at for longer',
    'Nothing is started for what happened meanwhile; it goes on from now.',
  ),
  TRIGGER_NOT_READABLE: entry(
    409,
    'operational',
    'What the trigger watches cannot be read',
    'Correct the path, or the rights of the user that runs the server; it is tried again.',
  ),
  WEBHOOK_REFUSED: entry(
    401,
    'user',
    'The call was not accepted',
    'Sign the exact body with the secret of the trigger, with the present time, once.',
  ),
  EXECUTION_NOT_FOUND: entry(404, 'user', 'There is no such execution', 'List the executions.'),
  EXECUTION_FINISHED: entry(409, 'user', 'The execution has ended', 'Start a new one, or retry it.'),
  EXECUTION_WRONG_STATE: entry(409, 'user', 'The execution is not in a state for this', 'See its status.'),
  CHECKPOINT_NOT_FOUND: entry(
    404,
    'user',
    'There is no such checkpoint',
    'List the checkpoints of the execution; old ones may have been removed.',
  ),
  FILES_NOT_KEPT: entry(
    409,
    'user',
    'The files of this checkpoint were not kept',
    'Choose another checkpoint, or fork with the newest files (`files: "newest"`).',
  ),
  LEASE_LOST: entry(
    409,
    'operational',
    'Another worker took over this execution',
    'Nothing to do; it is continued there.',
  ),
  STATE_NOT_FOUND: entry(404, 'user', 'There is no value under this key', 'List the keys of the namespace.'),
  // outcomes of steps
  APPROVAL_REJECTED: entry(409, 'user', 'The approval was rejected', 'See who rejected it and why.'),
  APPROVAL_EXPIRED: entry(409, 'user', 'The approval expired', 'Execute again and answer in time.'),
  QUORUM_UNREACHABLE: entry(
    409,
    'user',
    'Too few branches succeeded for this join',
    'See the branches that failed or were skipped.',
  ),
  LOOP_EXHAUSTED: entry(
    409,
    'user',
    'The loop reached its maximum',
    'Raise `max` or correct what keeps it from leaving.',
  ),
  EXPRESSION_FAILED: entry(
    409,
    'user',
    'An expression could not be evaluated',
    'Correct the expression at the path given.',
  ),
  OUTPUT_FAILED: entry(
    409,
    'user',
    'An output of the workflow could not be computed',
    'Correct the expression at the path given.',
  ),
  OUTPUT_INVALID: entry(409, 'user', 'The output does not match its schema', 'See the problems in the detail.'),
  INVALID_INPUT: entry(
    422,
    'user',
    'The inputs do not fit the workflow that the step starts',
    'Correct `inputs` of the step where the message says.',
  ),
  WORKFLOW_TOO_DEEP: entry(
    422,
    'user',
    'Workflows start each other too deep',
    'Give a workflow that starts itself an end, or take levels out.',
  ),
  UPSTREAM_FAILED: entry(409, 'user', 'Something before this failed', 'See the first failed step.'),
  MAP_ITEM_FAILED: entry(409, 'user', 'An item of the map failed', 'See the step of that item.'),
  MERGE_CONFLICT: entry(409, 'user', 'The changes could not be merged', 'Merge the kept branch by hand.'),
  TIMEOUT: entry(409, 'operational', 'It took longer than its timeout', 'Raise `timeout`, or see what it waited for.'),
  CANCELLED: entry(409, 'user', 'It was cancelled', 'Start it again if this was not meant.'),
  OUTCOME_UNKNOWN: entry(
    409,
    'operational',
    'What became of this step is not known',
    'Decide in the inbox: retry, fail, or mark it succeeded.',
  ),
  HTTP_STATUS: entry(
    409,
    'user',
    'The answer has a status that was not expected',
    'See its body; name the statuses that count as success in `expect`.',
  ),
  HTTP_REQUEST_INVALID: entry(
    422,
    'user',
    'This cannot be requested',
    'Correct the URL or the header named in the detail.',
  ),
  HTTP_ADDRESS_BLOCKED: entry(
    422,
    'user',
    'Requests may not go to this address',
    'Use a public address, or let an administrator allow it with POINTSMAN_HTTP_ALLOW.',
  ),
  HTTP_UNREACHABLE: entry(
    409,
    'operational',
    'There is no connection to the other side',
    'See the detail; nothing was sent, so it can be tried again.',
  ),
  HTTP_CONNECTION_LOST: entry(
    409,
    'operational',
    'The connection broke before the answer was complete',
    'Try it again.',
  ),
  HTTP_RESPONSE_TOO_LARGE: entry(
    409,
    'user',
    'The answer is too large',
    'Ask for less, or fetch it with a shell step into a file.',
  ),
  CHANNEL_NOT_FOUND: entry(
    404,
    'user',
    'There is no such channel',
    'List them with `pointsman channels`, or make it with `pointsman channels set`.',
  ),
  CHANNEL_REFUSED: entry(
    409,
    'operational',
    'The receiver of the channel did not take the message',
    'See its answer in the detail; try it with `pointsman channels test`.',
  ),
  PUSH_SUBSCRIPTION_NOT_FOUND: entry(
    404,
    'user',
    'You have no such subscription',
    'Switch notifications on in the settings of the browser that should get them.',
  ),
  PUSH_REFUSED: entry(
    409,
    'operational',
    'The push service did not take the message',
    'See its answer in the detail; switch notifications off and on again in that browser.',
  ),
  GRAPH_NOT_FOUND: entry(
    404,
    'user',
    'No such graph is registered',
    'List them with `pointsman graphs`; an administrator registers it under `graphs` in pointsman.yaml.',
  ),
  GRAPH_UNAVAILABLE: entry(
    409,
    'operational',
    'The registered graph cannot be loaded',
    'Correct its module as the detail says, then retry; `pointsman graphs` shows whether it loads.',
  ),
  GRAPH_FAILED: entry(409, 'user', 'The graph failed', 'See the message, which is the graph’s own.'),
  GRAPH_STATE_INVALID: entry(
    409,
    'user',
    'The final state of the graph cannot be the output of a step',
    'Let its last node, or its output schema, leave what is JSON and below 1 MiB.',
  ),
  GRAPH_DENIED: entry(409, 'user', 'Somebody denied what the graph asked', 'Retry it to be asked again.'),
  TEMPLATE_IN_SHELL: entry(
    422,
    'user',
    'A command text may not contain {{ }}',
    'Pass the value through `env`, or write the command as a list.',
  ),
  FEATURE_UNAVAILABLE: entry(422, 'user', 'This is not available yet', 'See the detail.'),
  WORKTREE_FAILED: entry(
    409,
    'operational',
    'The worktree could not be made or used',
    'See the detail; the workspace must be a git repository with a commit.',
  ),
  // the installation
  CONFIG_INVALID: entry(500, 'user', 'The configuration is not valid', 'Correct the key named in the detail.'),
  PORT_IN_USE: entry(
    500,
    'user',
    'The port is in use',
    'Stop the other program, or choose another with POINTSMAN_PORT.',
  ),
  ALREADY_RUNNING: entry(
    500,
    'user',
    'Pointsman is running already on this data directory',
    'Use it, or stop it with `pointsman down`.',
  ),
  BIND_REFUSED: entry(
    500,
    'user',
    'Refusing to listen beyond this machine',
    'Create an admin and configure TLS or a trusted proxy first, or use an SSH tunnel.',
  ),
  HOME_UNWRITABLE: entry(
    500,
    'user',
    'The data directory cannot be written',
    'Correct its permissions or set POINTSMAN_HOME.',
  ),
  TMUX_MISSING: entry(
    500,
    'user',
    'tmux is not installed',
    'Install tmux 3.2 or newer (Debian: apt-get install tmux).',
  ),
  TMUX_TOO_OLD: entry(500, 'user', 'tmux is too old', 'Install tmux 3.2 or newer.'),
  DATABASE_UNAVAILABLE: entry(
    503,
    'operational',
    'The database cannot be reached',
    'Pointsman goes on by itself when it is back; see `pointsman doctor`.',
  ),
  DATABASE_FULL: entry(
    503,
    'operational',
    'The disk of the database is full',
    'Make room on it; nothing is lost, and Pointsman goes on by itself when there is some.',
  ),
  DATABASE_TOO_OLD: entry(500, 'user', 'The PostgreSQL server is too old', 'Use PostgreSQL 15 or newer.'),
  BACKUP_EXISTS: entry(409, 'user', 'The backup would write over a file', 'Name another file, or remove that one.'),
  BACKUP_INVALID: entry(422, 'user', 'The file is no whole backup', 'Take another backup; nothing was changed.'),
  RESTORE_NOT_EMPTY: entry(
    409,
    'user',
    'A backup is restored into an empty installation only',
    'Name an empty data directory with POINTSMAN_HOME or --home, and an empty database where POINTSMAN_DATABASE_URL is set.',
  ),
  DATABASE_TOO_NEW: entry(
    500,
    'user',
    'The database belongs to a newer Pointsman',
    'Start the newer version, or restore a backup.',
  ),
  DATABASE_START_FAILED: entry(
    500,
    'operational',
    'The managed PostgreSQL did not start',
    'See the detail, or set POINTSMAN_DATABASE_URL to a server of yours.',
  ),
  NOT_READY: entry(503, 'operational', 'Pointsman is starting', 'Try again in a moment.'),
  SERVER_UNREACHABLE: entry(503, 'user', 'No Pointsman server answers', 'Start it with `pointsman up`.'),
  INTERNAL: entry(
    500,
    'unexpected',
    'Something went wrong on our side',
    'Try again; if it stays, report it with the request id.',
  ),
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof ERRORS;

export interface ErrorOptions {
  /** What happened, in this case; the catalogue's title when left out. */
  detail?: string;
  problems?: ProblemItem[];
  cause?: unknown;
  retryAfterSeconds?: number;
}

export interface ProblemItem {
  /** JSON Pointer to the bad field. */
  path: string;
  code: string;
  message: string;
  severity: 'error' | 'warning';
  nodeId?: string | undefined;
  line?: number | undefined;
  column?: number | undefined;
}

/** Every error we throw on purpose. Compare `code`, not the class: codes survive queues and processes. */
export class PointsmanError extends Error {
  readonly code: ErrorCode;
  readonly problems: ProblemItem[] | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, options: ErrorOptions = {}) {
    super(options.detail ?? ERRORS[code].title, { cause: options.cause });
    this.name = 'PointsmanError';
    this.code = code;
    this.problems = options.problems;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }
}

/** True for a PointsmanError of this or any code, also one from another copy of this module. */
export function isPointsmanError(error: unknown, code?: ErrorCode): error is PointsmanError {
  return (
    error instanceof Error &&
    error.name === 'PointsmanError' &&
    (code === undefined || (error as PointsmanError).code === code)
  );
}
