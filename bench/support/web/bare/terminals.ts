/** What the wall would cost with a live terminal in every tile: a socket and an xterm each. */
import { Terminal } from '@xterm/xterm';

const { agents } = JSON.parse(document.getElementById('given')?.textContent ?? '{}') as { agents: string[] };
document.body.style.cssText = 'display: grid; grid-template-columns: repeat(3, 1fr); gap: 12px';
for (const id of agents) {
  const place = document.createElement('div');
  place.style.cssText = 'height: 262px; overflow: hidden';
  document.body.append(place);
  const terminal = new Terminal({ cols: 120, rows: 40, fontSize: 5, disableStdin: true });
  terminal.open(place);
  const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/ws/terminals/${id}`);
  socket.binaryType = 'arraybuffer';
  socket.addEventListener('message', ({ data }) => {
    if (data instanceof ArrayBuffer) terminal.write(new Uint8Array(data));
  });
}
