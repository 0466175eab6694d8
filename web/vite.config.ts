/** How the browser app is built and, in development, served in front of a running server. */
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const server = process.env['POINTSMAN_DEV_SERVER'] ?? 'http://127.0.0.1:8001';
// The server refuses foreign Host and Origin headers, so both are rewritten to its own.
const toServer = { target: server, changeOrigin: true, headers: { origin: server } };

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
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
