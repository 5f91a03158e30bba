import { TAKEN_NAME } from './iterations.ts';
import type { KillPoint } from './kill-points.ts';
import { DOTNET, PYTHON } from './repeat-policies.ts';
import {
  askOnce,
  askWithKey,
  overwriteLostPatch,
  meetLease,
  failPatch,
  isFor,
  failOnce,
  type Cast,
} from './scenario-steps.ts';
import type { World } from './world.ts';

/** A situation that the product survives and a broken variant does not. */
export interface Scenario {
  /** Where the first instance is killed; the second one is not. */
  readonly kill?: KillPoint;
  /** How often it passes that point before; 0 by default. */
  readonly killAfter?: number;
  /** One instance for each; by default one that is like all others. */
  readonly worlds?: readonly World[];
  readonly play: (cast: Cast) => Promise<unknown>;
}

const AFTER_PATCH: KillPoint = { at: 'far end', step: 'PATCH', stage: 'done' };

export const ASKED: Scenario = { play: askOnce };

export const NOT_RECORDED: Scenario = {
  play(cast) {
    failOnce(cast.stack.tables, 'begin', cast.iteration);
    return askOnce(cast);
  },
};

export const ANSWER_LOST: Scenario = {
  play(cast) {
    failPatch(cast, { kind: 'answer-lost' });
    return askWithKey(cast);
  },
};

export const KILLED: Scenario = { kill: AFTER_PATCH, play: askOnce };

export const KILLED_AND_ASKED_AGAIN: Scenario = { kill: AFTER_PATCH, play: askWithKey };

/** The name was taken, the answer lost; before anybody looks, a person gives the iteration another name. */
export const THIRD_NAME: Scenario = {
  play(cast) {
    overwriteLostPatch(cast);
    return askOnce(cast);
  },
};

/** One instance is renaming while another one, whose clock is a minute ahead, meets its lease. */
export const CLOCKS_APART: Scenario = {
  worlds: [{ upstreamTimeoutSeconds: 10 }, { upstreamTimeoutSeconds: 10, clockOffsetMs: 60_000 }],
  play: (cast) => meetLease(cast, 6000),
};

/** One instance is renaming while another one, which never waits that long, meets its lease. */
export const TIMEOUTS_APART: Scenario = {
  worlds: [{ upstreamTimeoutSeconds: 12 }, { upstreamTimeoutSeconds: 1 }],
  play: (cast) => meetLease(cast, 9000),
};

/** A client that repeats at once, and brings no key, while the outcome of its first request is unknown. */
export const REPEATED_WITHOUT_KEY: Scenario = {
  play(cast) {
    const { clients, ask, iteration, people } = cast;
    failPatch(cast, { kind: 'status', status: 503, acts: true });
    people.editAfterEffect(iteration, 'by a person');
    return clients.repeat(ask(iteration), DOTNET);
  },
};

export const RENAMED_AND_BACK: Scenario = {
  async play({ clients: { persist }, ask, iteration }) {
    const first = ask(iteration);
    await persist(first);
    await persist(ask(iteration));
    await persist(ask(iteration, { name: first.name }));
  },
};

/** The caller is answered before its record can be completed. */
export const RENAMED_AND_BACK_UNRECORDED: Scenario = {
  play(cast) {
    failOnce(cast.stack.tables, 'complete', cast.iteration);
    return RENAMED_AND_BACK.play(cast);
  },
};

/**
 * A caller without a key does not hear of its rename, whose claim ends after its process was killed, or before,
 * and asks again.
 */
export const ANSWERS_LOST_AT_THE_END: readonly Scenario[] = [
  {
    kill: { at: 'far end', step: 'complete', stage: 'late' },
    play: ({ clients, ask, iteration }) => clients.repeat(ask(iteration), PYTHON),
  },
  {
    kill: { at: 'far end', step: 'forget', stage: 'done' },
    play(cast) {
      failPatch(cast, { kind: 'hang', acts: true });
      return cast.clients.repeat(cast.ask(cast.iteration), PYTHON);
    },
  },
];

export const TIMED_OUT_AFTER_ACTING: Scenario = {
  worlds: [{ upstreamTimeoutSeconds: 4 }],
  play(cast) {
    failPatch(cast, { kind: 'status', status: 408, acts: true });
    return askOnce(cast);
  },
};

export const LOST_IN_ANOTHER_FORM: Scenario = {
  play(cast) {
    failPatch(cast, { kind: 'answer-lost' });
    return cast.clients.persist(cast.ask(cast.iteration, { name: 'two  spaces' }));
  },
};

export const REFUSED_BEFORE: Scenario = {
  async play({ clients: { persist }, ask, iteration, stack: { customVision } }) {
    await persist(ask(iteration, { name: TAKEN_NAME }));
    customVision.faults.inject({ kind: 'status', status: 503, when: isFor(iteration, 'GET'), times: 1 });
    await persist(ask(iteration));
  },
};

export const ACCESS_REFUSED_ONCE: Scenario = {
  play(cast) {
    failPatch(cast, { kind: 'status', status: 403 });
    return askWithKey(cast);
  },
};

/**
 * No look succeeds at first: neither that of the instance that has sent the name, nor the first that settles.
 */
export const UNREADABLE_AT_FIRST: Scenario = {
  play(cast) {
    const { iteration, stack } = cast;
    const nameNow = () => stack.customVision.iteration(iteration.projectId, iteration.iterationId)?.name;
    const nameBefore = nameNow();
    failPatch(cast, { kind: 'answer-lost' });
    for (const isOfRequest of [true, false]) {
      stack.customVision.faults.inject({
        kind: 'status',
        status: 503,
        when: (request) =>
          isFor(iteration, 'GET')(request) &&
          'traceparent' in request.headers === isOfRequest &&
          nameNow() !== nameBefore,
        times: 1,
      });
    }
    return askOnce(cast);
  },
};
