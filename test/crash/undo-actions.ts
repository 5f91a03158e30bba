import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../random.ts';
import type { AskList } from './ask-list.ts';
import type { Clients } from './clients.ts';
import type { Asked } from './evidence.ts';
import type { SeededIteration } from './iterations.ts';
import type { People } from './people.ts';

/** What clients do who undo renames. */
export interface UndoActions {
  readonly renameAndUndo: (iteration: SeededIteration) => Promise<void>;
  /** Two ask for the undo at once, and one of them again later. */
  readonly undoByTwo: (iteration: SeededIteration) => Promise<void>;
  readonly undoOfUndo: (iteration: SeededIteration) => Promise<void>;
  /** A person gives another name before, or as soon as the undo has had its effect. */
  readonly undoBesidePerson: (iteration: SeededIteration) => Promise<void>;
  /** Of the last ones that were asked for, whatever became of the iteration since. */
  readonly undoRecent: () => Promise<void>;
}

const MAX_PAUSE_MS = 500;
const RECENT = 60;

export function createUndoActions({
  asked,
  ask,
  persist,
  people,
  random,
}: Pick<AskList, 'asked' | 'ask'> & {
  readonly persist: Clients['persist'];
  readonly people: People;
  readonly random: Random;
}): UndoActions {
  /** All who ask for the undo of one rename ask for the same. */
  const undos = new Map<string, Asked>();
  const undoOf = (rename: Asked): Asked | null => {
    const renameId = renameIdOf(rename);
    if (renameId === null) return null;
    const one = undos.get(renameId) ?? ask(rename, { undoes: renameId, key: `the undo of ${renameId}` });
    undos.set(renameId, one);
    return one;
  };

  return {
    async renameAndUndo(iteration) {
      await undo(await renamed(iteration));
    },
    async undoByTwo(iteration) {
      const rename = await renamed(iteration);
      await Promise.all([undo(rename), undo(rename)]);
      await sleep(random.below(MAX_PAUSE_MS));
      await undo(rename);
    },
    async undoOfUndo(iteration) {
      const rename = await renamed(iteration);
      const undone = await undo(rename);
      if (undone !== null) await undo(undone);
      await undo(rename);
    },
    async undoBesidePerson(iteration) {
      const rename = await renamed(iteration);
      const name = `by a person beside ${rename.name}`;
      if (random.chance(0.5)) people.edit(iteration, name);
      else people.editAfterEffect(iteration, name);
      await undo(rename);
    },
    async undoRecent() {
      const recent = asked.slice(-RECENT).filter((one) => renameIdOf(one) !== null);
      const one = recent[random.below(recent.length)];
      if (one !== undefined) await undo(one);
    },
  };

  async function renamed(iteration: SeededIteration): Promise<Asked> {
    const one = ask(iteration, random.chance(0.5) ? {} : { key: `for an undo ${asked.length}` });
    await persist(one);
    return one;
  }

  async function undo(rename: Asked): Promise<Asked | null> {
    const one = undoOf(rename);
    if (one !== null) await persist(one);
    return one;
  }
}

/** Of a rename that its client was told about. */
function renameIdOf({ attempts }: Asked): string | null {
  return attempts.findLast(({ status }) => status === 200 || status === 202)?.renameId ?? null;
}
