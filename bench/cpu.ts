import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts process time in ticks of 1/100 s (`sysconf(_SC_CLK_TCK)`, which is 100 wherever Node runs). */
const ticksPerSecond = 100;

/** CPU seconds of this process, user and system. */
export function ownCpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/**
 * CPU seconds of a PostgreSQL server on this machine: its postmaster, every child that lives, and those that ended.
 * @param backend process id of any of its backends that lives (`select pg_backend_pid()`)
 * @throws where the machine has no /proc, or the server is on another one
 */
export function postgresCpuSeconds(backend: number): number {
  const postmaster = processStat(backend).parent;
  const { own, reaped } = processStat(postmaster);
  let ticks = own + reaped;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = tryProcessStat(Number(name));
    if (stat?.parent === postmaster) ticks += stat.own + stat.reaped;
  }
  return ticks / ticksPerSecond;
}

interface ProcessStat {
  readonly parent: number;
  /** utime + stime, ticks. */
  readonly own: number;
  /** The same of children that were waited for. */
  readonly reaped: number;
}

function processStat(pid: number): ProcessStat {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field is the command in parentheses and may hold spaces, so counting starts after it (proc(5)).
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const at = (field: number) => Number(fields[field - 3]);
  return { parent: at(4), own: at(14) + at(15), reaped: at(16) + at(17) };
}

/** The same, undefined for a process that ended between listing and reading. */
function tryProcessStat(pid: number): ProcessStat | undefined {
  try {
    return processStat(pid);
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH'))
      return undefined;
    throw error;
  }
}
