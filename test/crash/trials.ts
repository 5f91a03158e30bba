import { randomUUID } from 'node:crypto';
import type { Stack } from '../stack/stack.ts';
import type { AskList } from './ask-list.ts';
import type { Replacement } from './build-variant.ts';
import type { Invariant } from './check-invariants.ts';
import type { Clients } from './clients.ts';
import { type FarEndStep, storageStepOf, upstreamStepOf } from './far-end-steps.ts';
import type { SeededIteration } from './iterations.ts';
import type { KillPoint } from './kill-points.ts';

/** The least that it takes to tell a broken product from a sound one. */
export interface Trial {
  readonly name: string;
  readonly replacement: Replacement;
  readonly caughtBy: Invariant;
  /** Where the first instance dies; the second one lives. */
  readonly kill?: KillPoint;
  readonly fault?: (stack: Stack, iteration: SeededIteration) => void;
  readonly play: (clients: Clients, ask: AskList['ask'], iteration: SeededIteration) => Promise<unknown>;
  readonly needsQueue?: true;
}

const ACTED_AND_UNHEARD: KillPoint = { at: 'far end', step: 'PATCH', stage: 'done' };
const AUDIT_LOG = 'src/table-storage/audit-log.ts';

export const TRIALS: readonly Trial[] = [
  {
    name: 'writes the record after the PATCH',
    replacement: { module: AUDIT_LOG, by: 'record-after-patch.ts' },
    caughtBy: 'every effect has an earlier record',
    play: askOnce,
  },
  {
    name: 'goes on where the record cannot be written',
    replacement: { module: AUDIT_LOG, by: 'proceed-without-record.ts' },
    caughtBy: 'every effect has an earlier record',
    fault: ({ tables }, iteration) => failOnce(tables, 'begin', iteration),
    play: askOnce,
  },
  {
    name: 'sends the PATCH again where no answer came',
    replacement: { module: 'src/custom-vision/exchange.ts', by: 'blind-retry.ts' },
    caughtBy: 'one request has at most one effect',
    fault: ({ customVision }, { projectId }) =>
      customVision.faults.inject({
        kind: 'answer-lost',
        when: (request) => upstreamStepOf(request) === 'PATCH' && request.path.includes(projectId),
        times: 1,
      }),
    play: askWithKey,
  },
  {
    name: 'takes no lock',
    replacement: { module: 'src/table-storage/renames-table.ts', by: 'no-lock.ts' },
    caughtBy: 'no record stays pending',
    kill: ACTED_AND_UNHEARD,
    play: askOnce,
  },
  {
    name: 'claims the key in a step of its own',
    replacement: { module: AUDIT_LOG, by: 'late-claim.ts' },
    caughtBy: 'one request has at most one effect',
    kill: ACTED_AND_UNHEARD,
    play: askWithKey,
  },
  {
    name: 'guesses where it should look',
    replacement: { module: 'src/rename/settle-rename.ts', by: 'guessing-sweep.ts' },
    caughtBy: 'succeeded if and only if the effect took place',
    kill: ACTED_AND_UNHEARD,
    play: askOnce,
  },
  {
    name: 'promises before the queue has the message',
    replacement: { module: 'src/rename/promise-rename.ts', by: 'promise-before-queue.ts' },
    caughtBy: 'a promise ends as a record',
    fault: ({ queues }, iteration) => failOnce(queues, 'enqueue', iteration),
    play: deliverTwice,
    needsQueue: true,
  },
  {
    name: 'takes each delivery for a new one',
    replacement: { module: 'src/table-storage/delivery-claims.ts', by: 'forgotten-deliveries.ts' },
    caughtBy: 'one request has at most one effect',
    play: deliverTwice,
    needsQueue: true,
  },
];

function askOnce({ persist }: Clients, ask: AskList['ask'], iteration: SeededIteration) {
  return persist(ask(iteration));
}

function askWithKey({ persist }: Clients, ask: AskList['ask'], iteration: SeededIteration) {
  return persist(ask(iteration, { key: randomUUID() }));
}

async function deliverTwice({ persist }: Clients, ask: AskList['ask'], iteration: SeededIteration) {
  const one = ask(iteration, { by: 'sender', key: randomUUID() });
  await Promise.all([persist(one), persist(one)]);
}

/** With a status that the SDKs do not try again after. */
function failOnce({ faults }: Stack['tables'], step: FarEndStep, { projectId }: SeededIteration): void {
  faults.inject({
    kind: 'status',
    status: 400,
    when: (request) => storageStepOf(request) === step && request.body.includes(projectId),
    times: 1,
  });
}
