/** `npm run dev`: the server from its sources, restarted on change, and the web app with hot reload on 3001 in front of it. */
import { execFileSync, spawn } from 'node:child_process';
import { ensureDependencies } from './lib/dependencies.mjs';
import { ROOT, Stop, inRoot, node24, runScript, say } from './lib/project.mjs';
import { ensurePrograms } from './lib/system-programs.mjs';

const WEB_PORT = 3001;
const WEB_URL = `http://127.0.0.1:${WEB_PORT}`;
const main = inRoot('src/cli/main.ts');

await runScript(async () => {
  const args = process.argv.slice(2);
  await ensurePrograms(['tmux', 'git']);
  await ensureDependencies();
  const node = node24();
  const address = serverAddress(node, args);
  // So the printed link leads to the page that reloads.
  const server = start(node, ['--watch', '--watch-preserve-output', main, 'up', ...args], {
    env: { POINTSMAN_PUBLIC_URL: WEB_URL },
  });
  const vite = [inRoot('node_modules/vite/bin/vite.js'), '--port', String(WEB_PORT), '--strictPort'];
  const web = start(node, vite, { cwd: inRoot('web'), env: { POINTSMAN_DEV_SERVER: address } });
  say(`Web app with hot reload: ${WEB_URL}, in front of the server on ${address}`);

  const children = [server, web];
  const stop = () => children.forEach((child) => child.kill('SIGTERM'));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
  for (const child of children) {
    child.on('exit', (status) => {
      process.exitCode ||= status ?? 0;
      stop();
    });
  }
});

function start(node, args, { env, cwd = ROOT }) {
  return spawn(node, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'], env: { ...env, ...process.env } });
}

/** Where the server is going to listen: by a flag, the environment, pointsman.yaml or the default, as it decides itself. */
function serverAddress(node, args) {
  const flag = args.findIndex((arg) => /^--port(=|$)/.test(arg));
  const port = flag < 0 ? undefined : (args[flag].split('=')[1] ?? args[flag + 1]);
  const env = port === undefined ? process.env : { ...process.env, POINTSMAN_PORT: port };
  let printed;
  try {
    printed = execFileSync(node, [main, 'config', 'print', '--json'], {
      cwd: ROOT,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  } catch {
    throw new Stop('The configuration is not valid; see above.');
  }
  const config = JSON.parse(printed);
  if (config.port === 0) throw new Stop('The web app has to know the port of the server: choose one other than 0.');
  return `http://${config.host}:${config.port}`;
}
