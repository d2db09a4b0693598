/**
 * How much of a CPU-second of this process an export takes per row, and whether its memory grows with their number.
 *
 * - **rows**: an export of ledger entries as JSON lines, from its task to its file, against the barest loop that reads the
 *   same rows by the same pages, formats, hashes and encrypts them. PostgreSQL works on both sides alike and is not
 *   counted. Goal 0.5: ours counts rows, asks in transactions under row-level security, and keeps progress.
 * - **memory**: resident memory while the first tenth was exported against the most from then on. Goal 0.7: a garbage
 *   collector that is given time lets memory swing by that much; what grew with the rows would be ten times as much.
 *
 * The peer is the same loop without a database: rows that lie in memory, parsed, formatted, hashed and encrypted.
 */
import { openExportBench } from './exports-run.ts';
import { type Bench, type Pair, partOf, partOfPairs, resultOf } from './result.ts';

export const run: Bench = async ({ quick, note }) => {
  const rows = quick ? 50_000 : 500_000;
  const bench = await openExportBench(rows, note);
  try {
    await bench.export('ndjson');
    await bench.bareWithReading();
    const pairs: Pair[] = [];
    let memory = { early: 0, most: 1 };
    for (let pair = 0; pair < 3; pair += 1) {
      const { rowsPerCpuSecond, memoryEarly, memoryMost } = await bench.export('ndjson');
      const limit = await bench.bareWithReading();
      note(
        `${Math.round(rowsPerCpuSecond)} rows per CPU-second, bare ${Math.round(limit)}, ${Math.round(memoryMost)} MiB`,
      );
      pairs.push({ ours: rowsPerCpuSecond, limit });
      memory = { early: memoryEarly, most: memoryMost };
    }
    const parts = [
      partOfPairs(
        'rows',
        0.5,
        pairs,
        'rows per CPU-second of this process, of a bare loop that reads and writes the same',
      ),
      partOf('memory', 0.7, memory.early, memory.most, 'MiB in the first tenth, of the most afterwards'),
    ];
    const peer = {
      name: 'format, hash and encrypt rows in memory',
      value: await bench.bare(),
      unit: 'rows per CPU-second',
    };
    return resultOf('exports', parts, [peer]);
  } finally {
    await bench.close();
  }
};
