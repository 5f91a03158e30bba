import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Measured, Start, Workload } from './participant-process.ts';

/**
 * CPU time of a process's threads so far, user and system, in milliseconds; NaN without Linux. Of `stat` the
 * clock ticks each 10 ms, which is too coarse for a block.
 */
export function cpuMsOf(pid: number): number {
  const threads = listProc(`${pid}/task`);
  if (threads.length === 0) return Number.NaN;
  const nanoseconds = threads.map((thread) =>
    Number(readProc(`${pid}/task/${thread}/schedstat`).split(' ')[0]),
  );
  return nanoseconds.reduce((sum, own) => sum + own, 0) / 1e6;
}

/** Resident memory in MiB. */
export function residentMiBOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readProc(`${pid}/status`))?.[1]) / 1024;
}

function readProc(file: string): string {
  try {
    return readFileSync(`/proc/${file}`, 'utf8');
  } catch {
    return '';
  }
}

function listProc(folder: string): string[] {
  try {
    return readdirSync(`/proc/${folder}`);
  } catch {
    return [];
  }
}

export interface RunningParticipant {
  run(workload: Workload): Promise<Measured>;
  stop(): void;
}

export async function startParticipant(start: Start): Promise<RunningParticipant> {
  const child = forkHere('participant-process.ts');
  await ask(child, start);
  return {
    run: (workload) => ask(child, workload),
    stop: () => void child.kill(),
  };
}

export function forkHere(file: string): ChildProcess {
  return fork(fileURLToPath(new URL(file, import.meta.url)), {
    execArgv: ['--import', new URL('../stack/end-with-parent.ts', import.meta.url).href],
    stdio: ['pipe', 'inherit', 'inherit', 'ipc'],
  });
}

async function ask(child: ChildProcess, message: Start | Workload): Promise<Measured> {
  const listening = new AbortController();
  const { signal } = listening;
  const ended = once(child, 'exit', { signal }).then(() => [{ error: 'the participant has exited' }]);
  child.send(message);
  const [answer]: (undefined | { result?: Measured; error?: string })[] = await Promise.race([
    once(child, 'message', { signal }),
    ended,
  ]);
  listening.abort();
  await ended.catch(() => {});
  if (answer?.result === undefined) throw new Error(answer?.error);
  return answer.result;
}
