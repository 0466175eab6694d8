/** The least a web terminal can be: node-pty behind ws. `node bare-terminal-server.ts <node-pty directory> <program …>` prints its port. */
import { WebSocketServer } from 'ws';
import { loadNodePty } from './node-pty.ts';

const [directory = '', program = '', ...args] = process.argv.slice(2);
const { spawn } = loadNodePty(directory);
const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false }, () => {
  const address = server.address();
  console.log(typeof address === 'object' ? address?.port : address);
});
server.on('connection', (socket) => {
  const pty = spawn(program, args, { name: 'xterm-256color', cols: 120, rows: 40, encoding: null });
  pty.onData((data) => socket.send(data, { binary: true }));
  socket.on('message', (data: Buffer) => pty.write(data));
  socket.on('close', () => pty.kill());
});
// Whoever started us holds our input: when it is gone, so are we.
process.stdin.on('end', () => process.exit()).resume();
