import { findTests, runTests } from './run-tests.ts';

/** The long tests: `npm run soak`, or `npm run soak -- retention` for those with that text in their path. */
const files = findTests('.soak.ts', process.argv.slice(2));
if (files.length === 0) {
  console.error('There is no such soak test.');
  process.exit(1);
}
process.exitCode = await runTests(files, { timeoutMs: 4 * 60 * 60 * 1000 });
