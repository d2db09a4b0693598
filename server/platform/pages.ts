import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import { failuresOf } from './failure.ts';
import { type HttpServer, httpProblems } from './http.ts';

const fail = failuresOf(httpProblems);

const NOT_BUILT = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Kept</title>
<h1>The console is not built yet</h1>
<p>Run this in the checkout, then reload:</p>
<pre>npm run build</pre>
</html>
`;

/**
 * Serves a built single-page application at `/`: its files, and its first page for every address that is a page of
 * its own making.
 * @param directory the build's folder; may be missing, then a page says how to build it
 */
export function servePages(http: HttpServer, directory: string): void {
  http.fastify.register(fastifyStatic, {
    root: directory,
    serve: false,
    cacheControl: false,
    // The build puts a .br and a .gz beside its files.
    preCompressed: true,
  });
  http.fastify.get('/*', async (request, reply) => {
    const path = new URL(request.url, 'http://kept').pathname;
    if (path.startsWith('/v1/')) throw fail('not-found', `Nothing answers ${request.method} here.`);
    if (!existsSync(join(directory, 'index.html')))
      return reply.status(503).type('text/html; charset=utf-8').send(NOT_BUILT);
    // A name with an extension is a file: files of a build carry their hash in the name and never change.
    if (/\.[a-z0-9]+$/i.test(path)) {
      const lasting = path.startsWith('/assets/');
      reply.header('cache-control', lasting ? 'public, max-age=31536000, immutable' : 'no-cache');
      const file = fileName(path);
      if (file === null) throw fail('not-found', 'There is no such file.');
      return reply.sendFile(file);
    }
    return reply.header('cache-control', 'no-cache').sendFile('index.html');
  });
}

/** The path below the build that an address means; null when it means none. */
function fileName(path: string): string | null {
  try {
    const name = decodeURIComponent(path).slice(1);
    return name.includes('\u0000') || name.split(/[/\\]/).includes('..') ? null : name;
  } catch {
    // Not an encoding of anything.
    return null;
  }
}
