/** Exit codes of every command. */
export const EXIT = {
  ok: 0,
  failed: 1,
  /** What was given is not valid, or the command was called wrongly; nothing was done. */
  invalid: 2,
  /** Only a person can bring it on (`run --no-wait-human`). */
  needsPerson: 3,
  interrupted: 130,
} as const;
