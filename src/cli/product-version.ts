/** The version of this program, from its own package. */
import { readFileSync } from 'node:fs';

export function productVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return manifest.version;
}
