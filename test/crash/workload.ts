import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AskList } from './ask-list.ts';
import type { Clients } from './clients.ts';
import type { SeededIteration, SeededIterations } from './iterations.ts';
import type { Random } from '../random.ts';

/** What the clients do. */
export interface Workload {
  /** Runs so many clients until `isOver`. */
  run(clients: number, isOver: () => boolean): Promise<void>;
}

const MAX_PAUSE_MS = 500;

export function createWorkload({
  ask,
  clients: { attempt, persist },
  iterations,
  random,
}: {
  readonly ask: AskList['ask'];
  readonly clients: Clients;
  readonly iterations: SeededIterations;
  readonly random: Random;
}): Workload {
  /** `share`: how often, relative to the others. */
  const actions: readonly {
    readonly share: number;
    readonly play: (iteration: SeededIteration) => Promise<unknown>;
  }[] = [
    { share: 6, play: (iteration) => persist(ask(iteration)) },
    { share: 6, play: (iteration) => persist(ask(iteration, { key: randomUUID() })) },
    { share: 2, play: sameRequestTwice },
    { share: 2, play: concurrentRenames },
    { share: 6, play: (iteration) => persist(ask(iteration, { by: 'sender', key: randomUUID() })) },
    { share: 2, play: duplicateDeliveries },
    { share: 1, play: sameNameTwice },
    { share: 1, play: (iteration) => persist(ask(iteration, { name: iterations.takenName })) },
  ];
  const weighted = actions.flatMap(({ share, play }) => Array.from({ length: share }, () => play));

  return {
    async run(clients, isOver) {
      await Promise.all(
        Array.from({ length: clients }, async () => {
          while (!isOver()) {
            const play = weighted[random.below(weighted.length)] ?? sameRequestTwice;
            await play(random.pick(iterations.all));
            await sleep(random.below(MAX_PAUSE_MS));
          }
        }),
      );
    },
  };

  /** One request, sent twice at the same time. */
  async function sameRequestTwice(iteration: SeededIteration) {
    const one = ask(iteration, { key: randomUUID() });
    await Promise.all([persist(one), persist(one)]);
  }

  /** Several clients rename the same iteration at the same time, each to another name. */
  async function concurrentRenames(iteration: SeededIteration) {
    const wants = [{}, { key: randomUUID() }, { by: 'sender' as const, key: randomUUID() }];
    await Promise.all(wants.map((want) => persist(ask(iteration, want))));
  }

  /** One delivery twice at the same time, and once more after it was accepted. */
  async function duplicateDeliveries(iteration: SeededIteration) {
    const one = ask(iteration, { by: 'sender', key: randomUUID() });
    await Promise.all([persist(one), persist(one)]);
    await sleep(random.below(MAX_PAUSE_MS));
    await attempt(one);
  }

  /** Two requests for the same name, one after the other. */
  async function sameNameTwice(iteration: SeededIteration) {
    const first = ask(iteration, { key: randomUUID() });
    await persist(first);
    await persist(ask(iteration, { key: randomUUID(), name: first.name }));
  }
}
