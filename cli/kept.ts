#!/usr/bin/env node
import { enableCompileCache } from 'node:module';

// Compiled code is kept between runs, which makes a command answer twice as fast. So the rest is imported after this.
enableCompileCache();
const { runCommandLine } = await import('./command-line.ts');

/** Output into a pipe that was closed early (`kept board | head`) is no error. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await runCommandLine(process.argv.slice(2), process.env);
