import { readdirSync, readFileSync } from 'node:fs';

/** The ids of the processes that a process has started and that still run. */
export function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && isRunningChild(pid, parent))
    .map(Number);
}

function isRunningChild(pid: string, parent: number): boolean {
  try {
    const [state, parentId] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return parentId === String(parent) && state !== 'Z';
  } catch {
    return false; // the process has ended
  }
}
