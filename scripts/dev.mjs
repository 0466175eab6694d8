/** `npm run dev`: the server from its sources on 8001, restarted on change, and the web app with hot reload on 3001. */
import { spawn } from 'node:child_process';
import { ensureDependencies } from './lib/dependencies.mjs';
import { ROOT, inRoot, node24, runScript, say } from './lib/project.mjs';
import { ensurePrograms } from './lib/system-programs.mjs';

const WEB_PORT = 3001;

await runScript(async () => {
  await ensurePrograms(['tmux', 'git']);
  await ensureDependencies();
  const node = node24();
  const server = ['--watch', '--watch-preserve-output', inRoot('src/cli/main.ts'), 'up', ...process.argv.slice(2)];
  const web = [
    inRoot('node_modules/vite/bin/vite.js'),
    '--host',
    '127.0.0.1',
    '--port',
    String(WEB_PORT),
    '--strictPort',
  ];
  say(`Web app with hot reload: http://127.0.0.1:${WEB_PORT} (sign in there with the printed link, its port replaced)`);
  const children = [
    spawn(node, server, { cwd: ROOT, stdio: 'inherit' }),
    spawn(node, web, { cwd: inRoot('web'), stdio: ['ignore', 'inherit', 'inherit'] }),
  ];
  const stop = (signal) => children.forEach((child) => child.kill(signal));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop('SIGTERM'));
  for (const child of children) {
    child.on('exit', (status) => {
      process.exitCode ||= status ?? 0;
      stop('SIGTERM');
    });
  }
});
