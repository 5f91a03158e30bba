import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clients } from './clients.ts';
import type { Asked } from './evidence.ts';
import type { SeededIteration, SeededIterations } from './iterations.ts';
import type { Random } from './random.ts';

/** What clients do, one thing after the other. */
export interface Workload {
  /** Everything that was asked so far. */
  readonly asked: readonly Asked[];
  /** Writes down what is about to be asked, under a name that nobody else asks for. */
  ask(iteration: SeededIteration, wants: Wants): Asked;
  /** Keeps so many clients busy until it is over. */
  run(clients: number, isOver: () => boolean): Promise<void>;
}

interface Wants {
  readonly by?: Asked['by'];
  readonly key?: string | null;
  /** In place of one of its own. */
  readonly name?: string;
}

const LONGEST_PAUSE_MS = 500;

export function createWorkload({
  clients: { attempt, persist },
  iterations,
  random,
}: {
  readonly clients: Clients;
  readonly iterations: SeededIterations;
  readonly random: Random;
}): Workload {
  const asked: Asked[] = [];

  /** With how often each is done, among all of them together. */
  const episodes: readonly { readonly share: number; play(iteration: SeededIteration): Promise<unknown> }[] = [
    { share: 6, play: (iteration) => persist(ask(iteration, {})) },
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
    asked,
    ask,
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

  function ask({ projectId, iterationId }: SeededIteration, { by = 'caller', key = null, name }: Wants): Asked {
    const one = {
      by,
      projectId,
      iterationId,
      name: name ?? `name ${asked.length + 1}`,
      key,
      attempts: [],
    };
    asked.push(one);
    return one;
  }

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
