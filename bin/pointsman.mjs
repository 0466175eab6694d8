#!/usr/bin/env node
/** The `pointsman` command: makes sure that a new enough Node runs the built product. */
import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { fileURLToPath } from 'node:url';
import { NO_NODE24, becomeNode, findNode24 } from './node24.mjs';

const main = new URL('../dist/program/main.js', import.meta.url);
const node = findNode24();

if (!existsSync(main)) {
  console.error('This checkout is not built yet. Run `npm start` (or `npm run build`) once, then try again.');
  process.exit(1);
} else if (node === undefined) {
  console.error(NO_NODE24);
  process.exit(1);
} else if (node === process.execPath) {
  nodeModule.enableCompileCache();
  process.argv[1] = fileURLToPath(main);
  await import(main.href);
} else {
  becomeNode(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)]);
}
