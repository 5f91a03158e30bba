import type { HostJson } from './host-json.ts';
import type { Invocations } from './invocation.ts';
import { startQueueListener } from './queue-listener.ts';
import type { RegisteredFunction, Registry } from './registry.ts';
import { queueServiceOf } from './storage-connection.ts';

export interface QueuesOptions {
  functions: RegisteredFunction[];
  limits: HostJson['queues'];
  leaseMs: number;
  invocations: Invocations;
  settings: NodeJS.Dict<string>;
  resolveSetting: (text: string) => string;
  log: Registry['log'];
}

/** Starts a listener for each queue function; throws when a connection is not configured. */
export async function startQueues(options: QueuesOptions): Promise<{ stop(): void }> {
  const { limits, leaseMs, invocations, settings, resolveSetting, log } = options;
  const listeners = await Promise.all(
    options.functions
      .filter(({ trigger }) => trigger.type === 'queueTrigger')
      .map(async (registered) => {
        const service = await queueServiceOf(
          resolveSetting(registered.trigger.connection ?? 'AzureWebJobsStorage'),
          settings,
        );
        const name = resolveSetting(registered.trigger.queueName ?? '');
        return startQueueListener({
          function: registered,
          queue: service.getQueueClient(name),
          poisonQueue: name.endsWith('-poison') ? null : service.getQueueClient(`${name}-poison`),
          limits,
          leaseMs,
          invocations,
          log,
        });
      }),
  );
  return {
    stop() {
      for (const listener of listeners) listener.stop();
    },
  };
}
