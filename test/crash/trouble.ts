import type { Fault } from '../stack/faults.ts';
import type { Stack } from '../stack/stack.ts';
import { storageStepOf, upstreamStepOf, type FarEndStep } from './far-end-steps.ts';
import type { Random } from './random.ts';

/** The share of requests that meet each kind of trouble. */
const SHARE = 0.01;

/** What goes wrong beside the crashes: answers lost, requests refused or throttled, a server that acts and says it failed. */
export function injectTrouble({ customVision, tables, queues }: Stack, random: Random): void {
  type Injectable = Parameters<Stack['tables']['faults']['inject']>[0];
  const strikes = (isIt: boolean) => isIt && random.chance(SHARE);
  const upstream = (step: FarEndStep, fault: Kind) =>
    customVision.faults.inject({ ...fault, when: (request) => strikes(upstreamStepOf(request) === step) });
  const storage = (step: FarEndStep, fault: Kind): Injectable => ({
    ...fault,
    when: (request) => strikes(storageStepOf(request) === step),
  });

  for (const fault of [
    { kind: 'answer-lost' },
    { kind: 'reset' },
    { kind: 'status', status: 429, headers: { 'retry-after': '1' } },
    { kind: 'status', status: 500 },
    { kind: 'status', status: 503, acts: true },
  ] as const) {
    upstream('PATCH', fault);
  }
  upstream('GET', { kind: 'status', status: 503 });
  for (const step of ['begin', 'complete', 'rehold', 'delivery claim'] as const) {
    tables.faults.inject(storage(step, { kind: 'answer-lost' }));
    tables.faults.inject(storage(step, { kind: 'reset' }));
    // Not retried by the SDK: the step fails.
    tables.faults.inject(storage(step, { kind: 'status', status: 400 }));
  }
  for (const step of ['enqueue', 'message deletion'] as const) {
    queues.faults.inject(storage(step, { kind: 'answer-lost' }));
    queues.faults.inject(storage(step, { kind: 'reset' }));
  }
}

type Kind = Exclude<Fault, { kind: never }>;
