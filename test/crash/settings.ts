import { randomBytes } from 'node:crypto';

/** How long a client waits for its answer. */
export const ANSWER_TIMEOUT_MS = 10_000;

/** Where Custom Vision puts its notices. */
export const NOTICES_QUEUE = 'trained-iterations';

/** The webhook source that the harness sets up. */
export const SOURCE = 'registry';

/** The secret that signs the harness's deliveries, and its name in the vault. */
export const WEBHOOK_SECRET = {
  name: 'crash-source',
  value: `whsec_${randomBytes(24).toString('base64')}`,
};

/**
 * Short times, so that a lease (three times the upstream timeout) expires and a message returns within
 * seconds.
 */
export function crashSettings({
  upstreamTimeoutSeconds,
}: {
  upstreamTimeoutSeconds: number;
}): Record<string, string> {
  return {
    UPSTREAM_TIMEOUT_SECONDS: String(upstreamTimeoutSeconds),
    UPSTREAM_MAX_RENAMES_PER_SECOND: '1000',
    WEBHOOK_SOURCES: JSON.stringify({
      [SOURCE]: {
        scheme: 'standard-webhooks',
        secret: WEBHOOK_SECRET.name,
        rename: '{ "projectId": projectId, "iterationId": iterationId, "name": name }',
      },
    }),
    ACCESS_POLICY: allowing(['function-key', `webhook:${SOURCE}`, 'training:default']),
    AzureFunctionsJobHost__extensions__queues__maxPollingInterval: '00:00:00.3',
    AzureFunctionsJobHost__extensions__queues__visibilityTimeout: '00:00:01',
  };
}

/** An access policy that lets these callers rename everything. */
export function allowing(callers: readonly string[]): string {
  return JSON.stringify(
    callers.map((caller) => ({ caller, projects: ['*'], resources: ['*'], may: ['rename'] })),
  );
}

/** The resources of the settings, each iteration of which is named when it has been trained. */
export function namingTrained(resources: string): string {
  const { default: resource } = JSON.parse(resources);
  const iterationName = '"trained " & iteration.id';
  return JSON.stringify({ default: { ...resource, notificationQueue: NOTICES_QUEUE, iterationName } });
}
