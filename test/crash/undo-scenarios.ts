import { randomUUID } from 'node:crypto';
import type { Asked } from './evidence.ts';
import type { KillPoint } from './kill-points.ts';
import type { Cast } from './scenario-steps.ts';
import type { Scenario } from './scenarios.ts';

/** Before, between and after any two steps of an undo. */
const UNDO_POINTS: readonly KillPoint[] = [
  { at: 'far end', step: 'begin', stage: 'lost' },
  { at: 'far end', step: 'begin', stage: 'done' },
  { at: 'far end', step: 'GET', stage: 'lost' },
  { at: 'app', step: 'PATCH', stage: 'before' },
  { at: 'far end', step: 'PATCH', stage: 'late' },
  { at: 'far end', step: 'PATCH', stage: 'done' },
  { at: 'app', step: 'PATCH', stage: 'answered' },
  { at: 'far end', step: 'complete', stage: 'lost' },
  { at: 'far end', step: 'complete', stage: 'done' },
  { at: 'app', step: 'request', stage: 'answered' },
];

/** The rename goes past the point; its undo does not. */
export const UNDO_KILLED: readonly Scenario[] = [
  { kill: { at: 'far end', step: 'read', stage: 'done' }, play: undoUntilDone },
  ...UNDO_POINTS.map((kill) => ({ kill, killAfter: 1, play: undoUntilDone })),
];

export const UNDO_OVERTAKEN: Scenario = {
  async play(cast) {
    const rename = await renamed(cast);
    cast.people.edit(cast.iteration, 'by a person');
    await cast.clients.persist(undoOf(cast, rename));
  },
};

export const UNDONE_AND_DONE_AGAIN: Scenario = {
  async play(cast) {
    const { clients, ask, iteration } = cast;
    const rename = await renamed(cast);
    const undo = undoOf(cast, rename);
    await clients.persist(undo);
    await clients.persist(ask(iteration, { name: rename.name, key: randomUUID() }));
    await clients.persist(undo);
  },
};

/** However often it is killed, the undo takes place in the end. */
async function undoUntilDone(cast: Cast): Promise<void> {
  const { iteration, stack, clients } = cast;
  const { projectId, iterationId } = iteration;
  const nameNow = () => stack.customVision.iteration(projectId, iterationId)?.name;
  const nameBefore = nameNow();
  const undo = undoOf(cast, await renamed(cast));
  await clients.persist(undo);
  const status = undo.attempts.at(-1)?.status;
  if (status !== 200 || nameNow() !== nameBefore) {
    throw new Error(
      `the undo ended with ${String(status)}, and the iteration is called ${String(nameNow())}`,
    );
  }
}

async function renamed({ clients: { persist }, ask, iteration }: Cast): Promise<Asked> {
  const one = ask(iteration, { key: randomUUID() });
  await persist(one);
  return one;
}

function undoOf({ ask, iteration }: Cast, { attempts }: Asked): Asked {
  const renameId = attempts.findLast(({ status }) => status === 200)?.renameId;
  if (renameId === undefined || renameId === null) throw new Error('there is no rename to undo');
  return ask(iteration, { undoes: renameId, key: `the undo of ${renameId}` });
}
