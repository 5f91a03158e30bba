import { randomUUID } from 'node:crypto';
import type { Stack } from '../stack/stack.ts';
import type { AskList } from './ask-list.ts';
import type { Clients } from './clients.ts';
import { type FarEndStep, storageStepOf, upstreamStepOf } from './far-end-steps.ts';
import type { SeededIteration } from './iterations.ts';
import type { KillPoint } from './kill-points.ts';

/** A situation that the product survives and a broken variant does not. */
export interface Scenario {
  /** Where the first instance is killed; the second one is not. */
  readonly kill?: KillPoint;
  readonly fault?: (stack: Stack, iteration: SeededIteration) => void;
  readonly play: (clients: Clients, ask: AskList['ask'], iteration: SeededIteration) => Promise<unknown>;
  readonly needsQueue?: true;
}

const AFTER_PATCH: KillPoint = { at: 'far end', step: 'PATCH', stage: 'done' };

export const ASKED: Scenario = { play: askOnce };

export const NOT_RECORDED: Scenario = {
  fault: ({ tables }, iteration) => failOnce(tables, 'begin', iteration),
  play: askOnce,
};

export const ANSWER_LOST: Scenario = {
  fault: ({ customVision }, { projectId }) =>
    customVision.faults.inject({
      kind: 'answer-lost',
      when: (request) => upstreamStepOf(request) === 'PATCH' && request.path.includes(projectId),
      times: 1,
    }),
  play: askWithKey,
};

export const KILLED: Scenario = { kill: AFTER_PATCH, play: askOnce };

export const KILLED_AND_ASKED_AGAIN: Scenario = { kill: AFTER_PATCH, play: askWithKey };

export const NOT_ENQUEUED: Scenario = {
  fault: ({ queues }, iteration) => failOnce(queues, 'enqueue', iteration),
  play: ({ persist }, ask, iteration) => persist(ask(iteration, { by: 'sender', key: randomUUID() })),
  needsQueue: true,
};

export const DELIVERED_TWICE: Scenario = {
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

/** With a status that the SDKs do not retry. */
function failOnce({ faults }: Stack['tables'], step: FarEndStep, { projectId }: SeededIteration): void {
  faults.inject({
    kind: 'status',
    status: 400,
    when: (request) => storageStepOf(request) === step && request.body.includes(projectId),
    times: 1,
  });
}
