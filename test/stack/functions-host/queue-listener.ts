import { setTimeout as sleep } from 'node:timers/promises';
import type { DequeuedMessageItem, QueueClient } from '@azure/storage-queue';
import type { HostJson } from './host-json.ts';
import type { Invocations } from './invocation.ts';
import { queueInput } from './queue-input.ts';
import type { RegisteredFunction, Registry } from './registry.ts';

export interface QueueListenerOptions {
  function: RegisteredFunction;
  queue: QueueClient;
  /** Null for a queue that is itself a poison queue. */
  poisonQueue: QueueClient | null;
  limits: HostJson['queues'];
  /**
   * How long a message under way is hidden from others, renewed at half of it. The real host takes ten
   * minutes.
   */
  leaseMs: number;
  invocations: Invocations;
  log: Registry['log'];
}

const MIN_POLLING_INTERVAL_MS = 100;

/**
 * Polls one queue for one function, as the storage extension's QueueListener and QueueProcessor do together.
 */
export function startQueueListener(options: QueueListenerOptions): { stop(): void } {
  const { queue, poisonQueue, limits, leaseMs, invocations, log } = options;
  const stopped = new AbortController();
  const inFlight = new Set<Promise<void>>();

  const moveToPoisonQueue = async (message: DequeuedMessageItem, to: QueueClient): Promise<void> => {
    log({
      level: 'warning',
      category: 'system',
      message: `Message has reached MaxDequeueCount of ${limits.maxDequeueCount}. Moving message to queue '${to.name}'.`,
    });
    await to.createIfNotExists();
    await to.sendMessage(message.messageText);
    await queue.deleteMessage(message.messageId, message.popReceipt);
  };

  const take = async (message: DequeuedMessageItem): Promise<void> => {
    if (poisonQueue !== null && message.dequeueCount > limits.maxDequeueCount)
      return moveToPoisonQueue(message, poisonQueue);
    const renewal = keepHidden({ queue, message, leaseMs });
    const succeeded = await invocations
      .invoke({
        ...queueInput(decoded(message, limits.messageEncoding)),
        function: options.function,
        reason: `New queue message detected on '${queue.name}'.`,
      })
      .then(
        () => true,
        () => false,
      );
    await renewal.stop();
    if (succeeded) {
      await queue.deleteMessage(message.messageId, message.popReceipt);
    } else if (poisonQueue !== null) {
      if (message.dequeueCount >= limits.maxDequeueCount) await moveToPoisonQueue(message, poisonQueue);
      else
        await queue.updateMessage(
          message.messageId,
          message.popReceipt,
          undefined,
          Math.ceil(limits.visibilityTimeoutMs / 1000),
        );
    }
    // A failed message of a poison queue stays hidden until its lease ends, so that it makes no fast endless
    // loop.
  };

  const receive = async (): Promise<DequeuedMessageItem[]> => {
    try {
      const received = await queue.receiveMessages({
        numberOfMessages: Math.min(limits.batchSize, 32),
        visibilityTimeout: Math.ceil(leaseMs / 1000),
        abortSignal: stopped.signal,
      });
      return received.receivedMessageItems;
    } catch (error) {
      // The queue comes into being with the first message.
      if (!isStatus(error, 404) && !stopped.signal.aborted) complain(error);
      return [];
    }
  };

  const complain = (error: unknown): void =>
    log({
      level: 'error',
      category: 'system',
      message: `An error occurred with queue '${queue.name}': ${error instanceof Error ? error.message : String(error)}`,
    });

  const poll = async (): Promise<void> => {
    let intervalMs = MIN_POLLING_INTERVAL_MS;
    while (!stopped.signal.aborted) {
      if (inFlight.size > limits.newBatchThreshold) {
        await Promise.race(inFlight);
        continue;
      }
      const messages = await receive();
      for (const message of messages) {
        const work: Promise<void> = take(message)
          .catch(complain)
          .finally(() => inFlight.delete(work));
        inFlight.add(work);
      }
      // Quick while there is work, slower and slower while there is none.
      intervalMs =
        messages.length > 0
          ? MIN_POLLING_INTERVAL_MS
          : Math.min(intervalMs * 1.5, Math.max(limits.maxPollingIntervalMs, MIN_POLLING_INTERVAL_MS));
      if (messages.length === 0)
        await sleep(intervalMs, undefined, { signal: stopped.signal }).catch(() => {});
    }
  };
  void poll();

  return { stop: () => stopped.abort() };
}

/**
 * Renews the message's invisibility while its function runs; the message's pop receipt changes with each
 * renewal.
 */
function keepHidden({
  queue,
  message,
  leaseMs,
}: {
  queue: QueueClient;
  message: DequeuedMessageItem;
  leaseMs: number;
}): { stop(): Promise<void> } {
  const renew = async (): Promise<void> => {
    try {
      const hiddenForSeconds = Math.ceil(leaseMs / 1000);
      const renewed = await queue.updateMessage(
        message.messageId,
        message.popReceipt,
        undefined,
        hiddenForSeconds,
      );
      message.popReceipt = renewed.popReceipt ?? message.popReceipt;
    } catch {
      // Somebody else has the message by now, or storage is away: what follows will tell.
    }
  };
  let renewing = Promise.resolve();
  const timer = setInterval(() => {
    renewing = renew();
  }, leaseMs / 2);
  return {
    stop() {
      clearInterval(timer);
      return renewing;
    },
  };
}

function decoded(message: DequeuedMessageItem, encoding: 'base64' | 'none') {
  return {
    text:
      encoding === 'base64'
        ? Buffer.from(message.messageText, 'base64').toString('utf8')
        : message.messageText,
    id: message.messageId,
    popReceipt: message.popReceipt,
    dequeueCount: message.dequeueCount,
    insertedOn: message.insertedOn,
    expiresOn: message.expiresOn,
    nextVisibleOn: message.nextVisibleOn,
  };
}

function isStatus(error: unknown, status: number): boolean {
  return error instanceof Error && 'statusCode' in error && error.statusCode === status;
}
