/** How the browser app is built and, in development, served in front of a running server. */
import react from '@vitejs/plugin-react';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { defineConfig, type Plugin } from 'vite';

const server = process.env['POINTSMAN_DEV_SERVER'] ?? 'http://127.0.0.1:8001';
// The server refuses foreign Host and Origin headers, so both are rewritten to its own.
const toServer = { target: server, changeOrigin: true, headers: { origin: server } };

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), blockingScript('/src/ui/theme-before-paint.js')],
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    target: 'es2022',
    // An inlined asset would need data: in the content security policy.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1000,
    modulePreload: { polyfill: false },
  },
  server: {
    host: '127.0.0.1',
    port: 3001,
    strictPort: true,
    proxy: {
      '/api': toServer,
      '/hooks': toServer,
      '/healthz': toServer,
      '/readyz': toServer,
      '/ws': { ...toServer, ws: true },
    },
  },
});

/** Vite leaves classic scripts alone; this one must run before the first paint and still be a hashed asset of ours. */
function blockingScript(source: string): Plugin {
  const name = path.basename(source);
  return {
    name: 'pointsman-blocking-script',
    apply: 'build',
    buildStart() {
      this.emitFile({ type: 'asset', name, source: readFileSync(path.join(import.meta.dirname, source), 'utf8') });
    },
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle = {} }) {
        const asset = Object.values(bundle).find((file) => file.type === 'asset' && file.names.includes(name));
        if (!asset) throw new Error(`${name} was not emitted`);
        return html.replace(source, `/${asset.fileName}`);
      },
    },
  };
}
