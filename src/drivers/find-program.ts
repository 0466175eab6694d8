/** Finds the program of an agent CLI the way a shell does. */
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** Null when there is no such program that we may run. */
export async function findProgram(name: string, path: string): Promise<string | null> {
  const places = name.includes('/') ? [name] : path.split(delimiter).map((place) => join(place, name));
  for (const place of places) {
    const found = await access(place, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return place;
  }
  return null;
}
