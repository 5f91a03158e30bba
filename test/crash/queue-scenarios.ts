import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { childrenOf } from '../stack/children-of.ts';
import { fullMessage, messageOf, UNKNOWN_RENAME, writeMessage } from './forge-messages.ts';
import {
  deliver,
  failOnce,
  failPatch,
  hasEnded,
  isFor,
  overwriteLostPatch,
  until,
  untilEnded,
  untilNoMessage,
} from './scenario-steps.ts';
import type { Scenario } from './scenarios.ts';

// What may become of a rename between its 202 and its effect.

export const NOT_ENQUEUED: Scenario = {
  play(cast) {
    failOnce(cast.stack.queues, 'enqueue', cast.iteration);
    return deliver(cast);
  },
};

export const DELIVERED_TWICE: Scenario = {
  async play({ clients: { persist }, ask, iteration }) {
    const one = ask(iteration, { by: 'sender', key: randomUUID() });
    await Promise.all([persist(one), persist(one)]);
  },
};

export const THIRD_NAME_AFTER_DELIVERY: Scenario = {
  play(cast) {
    overwriteLostPatch(cast);
    return deliver(cast);
  },
};

/**
 * Somebody writes the queue: about a rename that does not exist, and about one whose own message was lost.
 */
export const FORGED_MESSAGES: Scenario = {
  async play(cast) {
    const { clients, ask, iteration, account, stack } = cast;
    failOnce(stack.queues, 'enqueue', iteration);
    const { renameId } = await clients.attempt(ask(iteration, { by: 'sender', key: randomUUID() }));
    await writeMessage(account, messageOf(iteration, UNKNOWN_RENAME));
    await writeMessage(account, fullMessage(iteration, UNKNOWN_RENAME));
    await writeMessage(account, fullMessage(iteration, renameId ?? ''));
    await untilNoMessage(cast);
  },
};

/** Somebody writes a pointer to a caller's rename that was told to be unknown. */
export const POINTER_TO_CALLER: Scenario = {
  async play(cast) {
    const { clients, ask, iteration, account } = cast;
    failPatch(cast, { kind: 'hang' });
    const { renameId } = await clients.attempt(ask(iteration));
    await writeMessage(account, messageOf(iteration, renameId ?? ''));
    await untilNoMessage(cast);
  },
};

export const MESSAGE_DUPLICATED: Scenario = {
  async play(cast) {
    const { clients, ask, iteration, account } = cast;
    const told = await clients.attempt(ask(iteration, { by: 'sender', key: randomUUID() }));
    const message = messageOf(iteration, told.renameId ?? '');
    await writeMessage(account, message);
    await untilEnded(cast, told);
    await writeMessage(account, message);
    await untilNoMessage(cast);
  },
};

/** Accepted by an instance with the grant, carried out by one without it. */
export const GRANT_WITHDRAWN: Scenario = {
  worlds: [{ carriesOut: false }, { allowsWebhooks: false }],
  async play(cast) {
    const { clients, ask, iteration, apps } = cast;
    const one = ask(iteration, { by: 'sender', key: randomUUID(), isWithdrawn: true });
    await untilEnded(cast, await clients.attempt(one, apps[0]));
  },
};

/** The process that evaluates is killed between two deliveries, and frozen before the next. */
export const EVALUATOR_LOST: Scenario = {
  worlds: [{}],
  async play(cast) {
    const { clients, ask, iteration, apps } = cast;
    await deliver(cast);
    for (const signal of ['SIGKILL', 'SIGSTOP'] as const) {
      for (const pid of childrenOf(apps[0]?.pid ?? 0)) process.kill(pid, signal);
      await sleep(100);
      const one = ask(iteration, { by: 'sender', key: randomUUID() });
      await clients.repeat(one, ONCE_MORE);
      if (one.attempts.at(-1)?.status === null) return;
    }
  },
};

/** The first attempt may be what finds out. */
const ONCE_MORE = {
  retries: 1,
  isRepeated: (status: number | null) => status === 503,
  delayMs: () => 1000,
};

/** Twice as often as a message is tried where it fails: an attempt may ask more than once. */
const THROTTLED_TIMES = 10;

export const THROTTLED: Scenario = {
  async play(cast) {
    const { clients, ask, iteration, stack } = cast;
    const faults = (['GET', 'PATCH'] as const).map((step) =>
      stack.customVision.faults.inject({
        kind: 'status',
        status: 429,
        headers: { 'retry-after': '1' },
        when: isFor(iteration, step),
      }),
    );
    const one = ask(iteration, { by: 'sender', key: randomUUID(), isOnlyThrottled: true });
    const told = await clients.attempt(one);
    await until(
      async () => faults.some((fault) => fault.hits() >= THROTTLED_TIMES) || (await hasEnded(cast, told)),
    );
    for (const fault of faults) fault.clear();
    await untilEnded(cast, told);
  },
};
