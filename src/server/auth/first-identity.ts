/** Makes the first administrator and the local command line's token; both only once. */
import { existsSync, readFileSync } from 'node:fs';
import type { Clock, IdSource } from '../../ports/clock.ts';
import type { UserRecord } from '../../ports/store/identity.ts';
import type { Store } from '../../ports/store/store.ts';
import { type Home, writeAtomically } from '../home.ts';
import type { IdentityService } from './identity-service.ts';

interface Options {
  store: Store;
  ids: IdSource;
  clock: Clock;
  identity: IdentityService;
  home: Home;
  adminPassword?: string | undefined;
}

export async function firstIdentity(options: Options): Promise<UserRecord> {
  const admin = await ensureAdmin(options);
  await ensureToken(options);
  return admin;
}

async function ensureAdmin({ store, ids, clock, identity, adminPassword }: Options): Promise<UserRecord> {
  const found = await store.identity.userByName('admin');
  if (found) {
    if (adminPassword && !found.passwordHash)
      return (
        (await store.identity.updateUser(found.id, { passwordHash: await identity.hashPassword(adminPassword) })) ??
        found
      );
    return found;
  }
  const admin: UserRecord = {
    id: ids.next(),
    name: 'admin',
    role: 'admin',
    permissions: [],
    passwordHash: adminPassword ? await identity.hashPassword(adminPassword) : null,
    disabled: false,
    createdAt: clock.now().toISOString(),
  };
  await store.identity.insertUser(admin);
  return (await store.identity.userByName('admin')) ?? admin;
}

/** A token file without its row (a database of its own was replaced) is made anew. */
async function ensureToken({ identity, home }: Options): Promise<void> {
  const existing = existsSync(home.token) ? readFileSync(home.token, 'utf8').trim() : '';
  if (existing && (await identity.isKnownToken(existing))) return;
  const { secret } = await identity.createToken({ name: 'local command line', role: 'admin', by: 'pointsman' });
  writeAtomically(home.token, `${secret}\n`);
}
