import { randomUUID } from 'node:crypto';
import type { Stack } from '../stack/stack.ts';
import type { AskList } from './ask-list.ts';
import type { Clients } from './clients.ts';
import { type FarEndStep, storageStepOf, upstreamStepOf } from './far-end-steps.ts';
import type { SeededIteration } from './iterations.ts';
import type { KillPoint } from './kill-points.ts';

/** What a sound product stands, and a broken one may not. */
export interface Provocation {
  /** Where the first instance dies; the next one lives. */
  readonly kill?: KillPoint;
  readonly fault?: (stack: Stack, iteration: SeededIteration) => void;
  readonly play: (clients: Clients, ask: AskList['ask'], iteration: SeededIteration) => Promise<unknown>;
  readonly needsQueue?: true;
}

const ACTED_AND_UNHEARD: KillPoint = { at: 'far end', step: 'PATCH', stage: 'done' };

export const ASKED: Provocation = { play: askOnce };

export const NOT_RECORDED: Provocation = {
  fault: ({ tables }, iteration) => failOnce(tables, 'begin', iteration),
  play: askOnce,
};

export const ANSWER_LOST: Provocation = {
  fault: ({ customVision }, { projectId }) =>
    customVision.faults.inject({
      kind: 'answer-lost',
      when: (request) => upstreamStepOf(request) === 'PATCH' && request.path.includes(projectId),
      times: 1,
    }),
  play: askWithKey,
};

export const KILLED: Provocation = { kill: ACTED_AND_UNHEARD, play: askOnce };

export const KILLED_AND_ASKED_AGAIN: Provocation = { kill: ACTED_AND_UNHEARD, play: askWithKey };

export const NOT_ENQUEUED: Provocation = {
  fault: ({ queues }, iteration) => failOnce(queues, 'enqueue', iteration),
  play: ({ persist }, ask, iteration) => persist(ask(iteration, { by: 'sender', key: randomUUID() })),
  needsQueue: true,
};

export const DELIVERED_TWICE: Provocation = {
  async play({ persist }, ask, iteration) {
    const one = ask(iteration, { by: 'sender', key: randomUUID() });
    await Promise.all([persist(one), persist(one)]);
  },
  needsQueue: true,
};

function askOnce({ persist }: Clients, ask: AskList['ask'], iteration: SeededIteration) {
  return persist(ask(iteration));
}

function askWithKey({ persist }: Clients, ask: AskList['ask'], iteration: SeededIteration) {
  return persist(ask(iteration, { key: randomUUID() }));
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
