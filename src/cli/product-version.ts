/** The version of this program, and the files beside it. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export function productVersion(): string {
  const manifest = JSON.parse(readFileSync(projectFile('package.json'), 'utf8')) as { version: string };
  return manifest.version;
}

/** Of the package or checkout that this runs from. */
export function projectFile(name: string): string {
  return fileURLToPath(new URL(`../../${name}`, import.meta.url));
}
