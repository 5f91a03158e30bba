import type { FaultKind, Faults } from '../stack/faults.ts';
import type { ReceivedRequest } from '../stack/received-request.ts';
import type { Stack } from '../stack/stack.ts';
import { type FarEndStep, storageStepOf, upstreamStepOf } from './far-end-steps.ts';
import type { Random } from '../random.ts';

/** Of the requests of a step, for each kind of fault. */
const SHARE = 0.01;

const FAULTS: readonly { readonly steps: readonly FarEndStep[]; readonly faults: readonly FaultKind[] }[] = [
  {
    steps: ['PATCH'],
    faults: [
      { kind: 'answer-lost' },
      { kind: 'reset' },
      { kind: 'status', status: 429, headers: { 'retry-after': '1' } },
      { kind: 'status', status: 500 },
      { kind: 'status', status: 503, acts: true },
      { kind: 'status', status: 504, acts: true },
      { kind: 'status', status: 408, acts: true },
      { kind: 'status', status: 408 },
      { kind: 'redirect', location: '/elsewhere', acts: true },
      { kind: 'body', body: '{"not": "an iteration"}', acts: true },
      { kind: 'hang', acts: true },
      { kind: 'hang' },
    ],
  },
  {
    steps: ['GET'],
    faults: [
      { kind: 'status', status: 503 },
      { kind: 'status', status: 429, headers: { 'retry-after': '1' } },
      { kind: 'answer-lost' },
      // So late that it may show what the rename, or a person, has done meanwhile.
      { kind: 'delay', delayMs: 300 },
      { kind: 'delay', delayMs: 300, acts: true },
    ],
  },
  {
    steps: ['begin', 'complete', 'renewLease', 'accept', 'end unbegun', 'forget', 'read', 'touch'],
    // The SDK does not retry a 400: the step fails.
    faults: [{ kind: 'answer-lost' }, { kind: 'reset' }, { kind: 'status', status: 400 }],
  },
  { steps: ['enqueue', 'message deletion'], faults: [{ kind: 'answer-lost' }, { kind: 'reset' }] },
];

/**
 * Faults beside the kills: lost answers, refused or throttled requests, a server that acts and reports a
 * failure.
 */
export function injectFaults(
  { customVision, tables, queues }: Pick<Stack, 'customVision' | 'tables' | 'queues'>,
  random: Random,
): void {
  injectInto(customVision.faults, upstreamStepOf);
  injectInto(tables.faults, storageStepOf);
  injectInto(queues.faults, storageStepOf);

  function injectInto(target: Faults, stepOf: (request: ReceivedRequest) => FarEndStep | null): void {
    for (const { steps, faults } of FAULTS) {
      const isTheirs = (request: ReceivedRequest) => steps.some((step) => step === stepOf(request));
      for (const fault of faults) {
        target.inject({ ...fault, when: (request) => isTheirs(request) && random.chance(SHARE) });
      }
    }
  }
}
