import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AskList } from './ask-list.ts';
import type { Clients } from './clients.ts';
import type { Asked } from './evidence.ts';
import type { SeededIteration, SeededIterations } from './iterations.ts';
import type { People } from './people.ts';
import type { Random } from '../random.ts';
import { DOTNET, PATIENT, PYTHON } from './repeat-policies.ts';
import { createUndoActions } from './undo-actions.ts';

/** What the clients do. */
export interface Workload {
  /** Runs so many clients, and people in the portal, until `isOver`. */
  run(clients: number, isOver: () => boolean): Promise<void>;
}

const MAX_PAUSE_MS = 500;
/** Between two edits in the portal. */
const MAX_PAUSE_OF_PEOPLE_MS = 400;
/** For each rename that is asked for: on a busy machine people must not outrun the clients. */
const MAX_EDITS_OF_EACH = 0.4;
/** People take part where renames are under way: so many of the last ones asked for. */
const RECENT = 30;

export function createWorkload({
  asked,
  ask,
  clients: { attempt, persist, repeat },
  renameBySdk,
  people,
  iterations,
  random,
}: {
  readonly asked: AskList['asked'];
  readonly ask: AskList['ask'];
  readonly clients: Clients;
  /** Null: no client uses the SDK. */
  readonly renameBySdk: ((asked: Asked) => Promise<void>) | null;
  readonly people: People;
  readonly iterations: SeededIterations;
  readonly random: Random;
}): Workload {
  const undos = createUndoActions({ asked, ask, persist, people, random });
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
    { share: 6, play: (iteration) => repeat(ask(iteration), DOTNET) },
    { share: 6, play: (iteration) => repeat(ask(iteration), PYTHON) },
    { share: 6, play: (iteration) => repeat(ask(iteration), PATIENT) },
    ...(renameBySdk === null
      ? []
      : [{ share: 4, play: (iteration: SeededIteration) => renameBySdk(ask(iteration)) }]),
    { share: 3, play: thereAndBack },
    { share: 3, play: inAnotherForm },
    { share: 1, play: (iteration) => persist(ask(iteration, { name: iterations.takenName })) },
    { share: 3, play: undos.renameAndUndo },
    { share: 3, play: undos.undoByTwo },
    { share: 2, play: undos.undoOfUndo },
    { share: 2, play: undos.undoBesidePerson },
    { share: 3, play: undos.undoRecent },
  ];
  const weighted = actions.flatMap(({ share, play }) => Array.from({ length: share }, () => play));

  return {
    async run(clients, isOver) {
      await Promise.all([
        editWhile(() => !isOver()),
        ...Array.from({ length: clients }, async () => {
          while (!isOver()) {
            const play = weighted[random.below(weighted.length)] ?? sameRequestTwice;
            await play(random.pick(iterations.all));
            await sleep(random.below(MAX_PAUSE_MS));
          }
        }),
      ]);
    },
  };

  /** At random moments, or as soon as the upstream has taken a name. */
  async function editWhile(isRunning: () => boolean): Promise<void> {
    for (let edits = 0; isRunning();) {
      await sleep(random.below(MAX_PAUSE_OF_PEOPLE_MS));
      if (edits > MAX_EDITS_OF_EACH * asked.length) continue;
      edits += 1;
      const recent = asked.slice(-RECENT);
      const iteration = recent[random.below(recent.length)] ?? random.pick(iterations.all);
      const name = random.chance(0.8) ? `by a person ${edits}` : undefined;
      if (random.chance(0.3)) people.editAfterEffect(iteration, name);
      else people.edit(iteration, name);
    }
  }

  /** Without a key: to a name, to another one, and back on purpose. */
  async function thereAndBack(iteration: SeededIteration) {
    const policy = random.chance(0.5) ? PATIENT : PYTHON;
    const send = (one: Asked) => repeat(one, policy);
    const first = ask(iteration);
    await send(first);
    await send(ask(iteration));
    await send(ask(iteration, { name: first.name }));
  }

  /** The upstream writes the name with one space. */
  async function inAnotherForm(iteration: SeededIteration) {
    await persist(ask(iteration, { key: randomUUID(), name: `wide   name  ${randomUUID()}` }));
  }

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
