/** What agents and steps inherit of our environment: where programs are and how people speak, never a secret. */

const INHERITED =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_[A-Z]+|TZ|TMPDIR|COLORTERM|XDG_(CONFIG|DATA|CACHE|STATE)_HOME|SSH_AUTH_SOCK)$/;

export function commandEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const inherited = Object.fromEntries(
    Object.entries(env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && INHERITED.test(entry[0]),
    ),
  );
  return { PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8', ...inherited };
}

/** What registered modules see: all that the server was started with, such as keys of models, but none of its own settings. */
export function environmentOfModules(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && !entry[0].startsWith('POINTSMAN_'),
    ),
  );
}
