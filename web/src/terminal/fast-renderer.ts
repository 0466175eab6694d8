/** Draws a terminal with WebGL where that is faster, and not with more of them than a browser has contexts for. */
import type { IDisposable, Terminal } from '@xterm/xterm';

const MOST_CONTEXTS = 8; // browsers end the oldest beyond sixteen of all that a tab shows, without asking
let contexts = 0;

/** WebGL only where a graphics card does it: drawn by software it is slower than the DOM. */
export function fastRenderer(terminal: Terminal): IDisposable {
  let gone = false;
  let drop = (): void => undefined;
  const load = async (): Promise<void> => {
    if (contexts >= MOST_CONTEXTS || !hasGraphicsCard()) return;
    const { WebglAddon } = await import('@xterm/addon-webgl');
    if (gone || contexts >= MOST_CONTEXTS) return;
    try {
      const webgl = new WebglAddon();
      contexts += 1;
      drop = () => {
        drop = () => undefined;
        contexts -= 1;
        webgl.dispose();
      };
      webgl.onContextLoss(() => drop());
      terminal.loadAddon(webgl);
    } catch {
      // The context was refused after all: the DOM renderer does the same.
      drop();
    }
  };
  void load();
  return {
    dispose: () => {
      gone = true;
      drop();
    },
  };
}

function hasGraphicsCard(): boolean {
  const probe = document.createElement('canvas').getContext('webgl2', { failIfMajorPerformanceCaveat: true });
  if (!probe) return false;
  const names = probe.getExtension('WEBGL_debug_renderer_info');
  const renderer: unknown = names ? probe.getParameter(names.UNMASKED_RENDERER_WEBGL) : '';
  probe.getExtension('WEBGL_lose_context')?.loseContext();
  return !/swiftshader|llvmpipe|software|basic render/i.test(String(renderer));
}
