import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Measured, Start, Workload } from './participant-process.ts';

const TICKS_PER_SECOND = 100; // sysconf(_SC_CLK_TCK), the same on every Linux that Node supports

/** CPU time of a process so far, user and system, in milliseconds; NaN without /proc. */
export function cpuMsOf(pid: number): number {
  const fields = readProc(pid, 'stat').split(') ')[1]?.split(' ') ?? [];
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
}

/** Resident memory in MiB. */
export function residentMiBOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readProc(pid, 'status'))?.[1]) / 1024;
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
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
