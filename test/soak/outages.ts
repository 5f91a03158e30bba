import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from '../stack/faults.ts';
import type { Stack } from '../stack/stack.ts';
import { createRandom, type Random } from '../random.ts';

/** One far end that fails in one way for some time. */
export interface Outage {
  readonly of: 'table' | 'vault' | 'identity' | 'upstream';
  readonly how: string;
  readonly lastsMs: number;
}

const KINDS: [string, ...string[]] = ['refuse', 'hang', 'reset', 'answer-lost', 'status', 'delay'];
const ENDS: [Outage['of'], ...Outage['of'][]] = ['table', 'upstream', 'upstream', 'vault', 'identity'];
/** Shorter than an upstream timeout: a request sent in time has its effect well before the lease expires. */
const DELAY_MS = 1500;

/** Causes one outage after the other until `isOver`; resolves to all of them. */
export async function causeOutages(
  stack: Stack,
  seed: number,
  isOver: () => boolean,
): Promise<readonly Outage[]> {
  const random = createRandom(seed);
  const made: Outage[] = [];
  while (!isOver()) {
    await sleep(1000 + random.next() * 4000);
    const of = random.pick(ENDS);
    const how =
      of === 'upstream' && random.next() < 0.2 ? random.pick(['throttle', 'rotate']) : random.pick(KINDS);
    const outage = { of, how, lastsMs: 500 + Math.round(random.next() * 4000) };
    made.push(outage);
    const end = await begin(stack, outage, random);
    await sleep(outage.lastsMs);
    await end();
  }
  return made;
}

async function begin(stack: Stack, { of, how }: Outage, random: Random): Promise<() => unknown> {
  const { faults } = {
    table: stack.tables,
    vault: stack.keyVault,
    identity: stack.identity,
    upstream: stack.customVision,
  }[of];
  if (how === 'refuse') {
    await faults.refuse();
    return () => faults.accept();
  }
  if (how === 'rotate') {
    // The vault gets the new key first, as in a planned rotation.
    const key = `rotated-${Math.floor(random.next() * 1e9)}-to-another-training-key`;
    stack.keyVault.setSecret('training-key', key);
    stack.customVision.rotateKey(key);
    return () => {};
  }
  // All requests, or two of five. Counted, not random: the number of requests must not change the next
  // outage.
  const meets = random.next() < 0.5 ? 5 : 2;
  let requests = 0;
  const when = () => (requests += 1) % 5 < meets;
  const injected = faults.inject({ ...faultOf(how, random.next() < 0.5), when });
  return () => injected.clear();
}

function faultOf(how: string, acts: boolean): Fault {
  switch (how) {
    case 'hang':
      return { kind: 'hang', acts };
    case 'reset':
      return { kind: 'reset' };
    case 'answer-lost':
      return { kind: 'answer-lost' };
    case 'throttle':
      return { kind: 'status', status: 429, headers: { 'retry-after': '1' } };
    case 'delay':
      return { kind: 'delay', delayMs: DELAY_MS, acts };
    default:
      return { kind: 'status', status: 503, acts };
  }
}
