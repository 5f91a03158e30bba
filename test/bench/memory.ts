import { readdirSync, readlinkSync } from 'node:fs';
import { residentMiBOf, startParticipant } from './child.ts';
import type { BenchStack } from './bench-stack.ts';
import { fact, type Line } from './line.ts';
import { median } from './statistics.ts';

const SAMPLES = 80;

/** Resident memory and open sockets of the app while it makes many renames. */
export async function watchMemory(bench: BenchStack, renames: number): Promise<Line[]> {
  const front = await bench.start('product');
  const { app } = front;
  const residentMiB: number[] = [];
  const sockets: number[] = [];
  let participant = null;
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    // A new project for every tenth sample: the tables emulator slows down with the size of a partition.
    if (sample % 10 === 0) {
      participant?.stop();
      participant = await startParticipant({
        module: './participants/http-patch.ts',
        target: bench.target(front),
      });
    }
    await participant?.run({ count: Math.ceil(renames / SAMPLES), concurrency: 16 });
    residentMiB.push(residentMiBOf(app.pid));
    sockets.push(socketsOf(app.pid));
  }
  participant?.stop();
  await app.stop();
  const quarter = SAMPLES / 4;
  const second = median(residentMiB.slice(quarter, 2 * quarter));
  const last = median(residentMiB.slice(3 * quarter));
  const title = `memory over ${renames} renames`;
  return [
    fact(`${title}: second quarter`, Math.round(second), 'MiB'),
    fact(`${title}: last quarter`, Math.round(last), 'MiB'),
    fact(`${title}: sockets, second quarter`, median(sockets.slice(quarter, 2 * quarter)), ''),
    fact(`${title}: sockets, last quarter`, median(sockets.slice(3 * quarter)), ''),
  ];
}

function socketsOf(pid: number): number {
  try {
    const links = readdirSync(`/proc/${pid}/fd`).map((fd) => linkOf(`/proc/${pid}/fd/${fd}`));
    return links.filter((link) => link.startsWith('socket:')).length;
  } catch {
    return Number.NaN;
  }
}

function linkOf(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return '';
  }
}
