import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AskList } from './ask-list.ts';
import type { Clients } from './clients.ts';
import type { SeededIteration, SeededIterations } from './iterations.ts';
import type { Random } from '../random.ts';

/** What clients do, one thing after the other. */
export interface Workload {
  /** Keeps so many clients busy until it is over. */
  run(clients: number, isOver: () => boolean): Promise<void>;
}

const LONGEST_PAUSE_MS = 500;

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
  /** With how often each is done, among all of them together. */
  const episodes: readonly {
    readonly share: number;
    readonly play: (iteration: SeededIteration) => Promise<unknown>;
  }[] = [
    { share: 6, play: (iteration) => persist(ask(iteration)) },
    { share: 6, play: (iteration) => persist(ask(iteration, { key: randomUUID() })) },
    { share: 2, play: twins },
    { share: 2, play: rivals },
    { share: 6, play: (iteration) => persist(ask(iteration, { by: 'sender', key: randomUUID() })) },
    { share: 2, play: duplicates },
    { share: 1, play: sameNameAgain },
    { share: 1, play: (iteration) => persist(ask(iteration, { name: iterations.takenName })) },
  ];
  const dealt = episodes.flatMap(({ share, play }) => Array.from({ length: share }, () => play));

  return {
    async run(clients, isOver) {
      await Promise.all(
        Array.from({ length: clients }, async () => {
          while (!isOver()) {
            const play = dealt[random.below(dealt.length)] ?? twins;
            await play(random.pick(iterations.all));
            await sleep(random.below(LONGEST_PAUSE_MS));
          }
        }),
      );
    },
  };

  /** One request, twice at the same moment. */
  async function twins(iteration: SeededIteration) {
    const one = ask(iteration, { key: randomUUID() });
    await Promise.all([persist(one), persist(one)]);
  }

  /** Several who want the same iteration at the same moment, each another name. */
  async function rivals(iteration: SeededIteration) {
    const wants = [{}, { key: randomUUID() }, { by: 'sender' as const, key: randomUUID() }];
    await Promise.all(wants.map((want) => persist(ask(iteration, want))));
  }

  /** A delivery that comes twice at the same moment, and once more when it was long accepted. */
  async function duplicates(iteration: SeededIteration) {
    const one = ask(iteration, { by: 'sender', key: randomUUID() });
    await Promise.all([persist(one), persist(one)]);
    await sleep(random.below(LONGEST_PAUSE_MS));
    await attempt(one);
  }

  /** Two requests for the very same name, one after the other. */
  async function sameNameAgain(iteration: SeededIteration) {
    const first = ask(iteration, { key: randomUUID() });
    await persist(first);
    await persist(ask(iteration, { key: randomUUID(), name: first.name }));
  }
}
