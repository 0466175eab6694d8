/** Who commits: whoever the user configured, else Pointsman itself rather than git's guess from the machine. */
import { runGit } from './git-command.ts';

const NAME = 'Pointsman';
export const EMAIL = 'pointsman@localhost';
/** Of commits that no branch ever has. */
export const OWN_IDENTITY = ['-c', `user.name=${NAME}`, '-c', `user.email=${EMAIL}`];

/** Options to put before a git command that commits. */
export async function identityFor(place: string): Promise<string[]> {
  const [name, email] = await Promise.all([
    runGit(place, ['config', '--get', 'user.name']),
    runGit(place, ['config', '--get', 'user.email']),
  ]);
  const configured = name.stdout.trim() !== '' && email.stdout.trim() !== '';
  return configured ? [] : OWN_IDENTITY;
}
