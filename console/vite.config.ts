import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Where `npm run dev` finds a running server; the built console is served by that server itself. */
const server = 'http://127.0.0.1:7040';

export default defineConfig({
  plugins: [react()],
  resolve: {
    alias: [
      // The contracts' schemas are for the server, which sends every answer through them. The console needs their
      // addresses and types only, so they are built against a stand-in and 26 kB (gzip) of zod stay out of the page.
      { find: /^zod$/, replacement: fileURLToPath(new URL('./zod-left-out.ts', import.meta.url)) },
    ],
  },
  build: {
    target: 'es2024',
    // The content security policy allows no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { host: '127.0.0.1', proxy: { '/v1': server, '/sign-in': server } },
});
