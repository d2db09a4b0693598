import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** Where `npm run dev` finds a running server; the built console is served by that server itself. */
const server = 'http://127.0.0.1:7040';

export default defineConfig({
  plugins: [react(), slimEndpoints(), compressedCopies()],
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
    rolldownOptions: {
      // Declaring an endpoint does nothing, so a page carries only those that it calls.
      output: {
        // What every page needs comes as two files, which compress better than a dozen.
        codeSplitting: {
          groups: [
            {
              name: 'libraries',
              test: /node_modules\/(react|react-dom|scheduler|@tanstack|use-sync-external-store)\/(?!.*infinite)/i,
            },
            {
              name: 'frame',
              test: /console\/(frame\/(?!keys-dialog|keys-words|act-dialog|problem-words|delivery-problem-words|organisation-list|filters|shown-once)|language|look|api)/,
            },
          ],
        },
      },
      treeshake: { manualPureFunctions: ['z', 'endpoint', 'problems', 'pageOf', 'idSchema'] },
    },
  },
  server: { host: '127.0.0.1', proxy: { '/v1': server, '/sign-in': server } },
});

/**
 * Leaves of each endpoint what a call needs: its method, its path and whether it has a body. The schemas, which nothing
 * else uses, go with the rest; a page would otherwise carry those of every endpoint of the contracts it calls.
 */
function slimEndpoints(): Plugin {
  const kept = new Set(['method', 'path']);
  return {
    name: 'slim-endpoints',
    apply: 'build',
    enforce: 'post',
    transform: {
      filter: { id: /\/server\/[a-z]+\/[a-z-]*contract\.ts$/ },
      handler(code) {
        let slim = code;
        for (const statement of this.parse(code).body.toReversed()) {
          if (statement.type !== 'ExportNamedDeclaration' || statement.declaration?.type !== 'VariableDeclaration')
            continue;
          const call = statement.declaration.declarations[0]?.init;
          if (call?.type !== 'CallExpression' || call.callee.type !== 'Identifier' || call.callee.name !== 'endpoint')
            continue;
          const [spec] = call.arguments;
          if (spec?.type !== 'ObjectExpression') continue;
          const parts = spec.properties.flatMap((property) => {
            if (property.type !== 'Property' || property.key.type !== 'Identifier') return [];
            if (property.key.name === 'body') return ['body: true'];
            return kept.has(property.key.name) ? [code.slice(property.start, property.end)] : [];
          });
          slim = `${slim.slice(0, spec.start)}{ ${parts.join(', ')} }${slim.slice(spec.end)}`;
        }
        return slim;
      },
    },
  };
}

/** Puts a `.br` and a `.gz` beside each text file, which the server sends to browsers that take them. */
function compressedCopies(): Plugin {
  return {
    name: 'compressed-copies',
    apply: 'build',
    // Only what was written is final: vite still fills in addresses when the bundle is already made.
    writeBundle({ dir = 'dist' }, bundle) {
      for (const name of Object.keys(bundle)) {
        if (!/\.(js|css|html)$/.test(name)) continue;
        const file = join(dir, name);
        const source = readFileSync(file);
        writeFileSync(`${file}.br`, brotliCompressSync(source, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }));
        writeFileSync(`${file}.gz`, gzipSync(source));
      }
    },
  };
}
