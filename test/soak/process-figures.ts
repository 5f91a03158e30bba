import { readdir, readFile, readlink } from 'node:fs/promises';

export interface ProcessFigures {
  readonly residentMiB: number;
  readonly sockets: number;
}

/** Of a running process, from Linux's `/proc`. */
export async function readProcessFigures(pid: number): Promise<ProcessFigures> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const open = await readdir(`/proc/${pid}/fd`);
  const targets = await Promise.all(open.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')));
  return {
    residentMiB: Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) / 1024,
    sockets: targets.filter((target) => target.startsWith('socket:')).length,
  };
}

/** The medians of the first and the last third; the first tenth is warm-up and not counted. */
export function firstAndLast(values: readonly number[]): { readonly first: number; readonly last: number } {
  const warm = values.slice(Math.ceil(values.length / 10));
  const third = Math.max(1, Math.floor(warm.length / 3));
  return { first: median(warm.slice(0, third)), last: median(warm.slice(-third)) };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
