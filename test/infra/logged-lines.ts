import { type EvaluatorEvent, createProcessLosses } from '../../src/expressions/process-losses.ts';
import { createWorld } from '../rename/world.ts';
import { startStack } from '../stack/stack.ts';
import { signGithub } from '../webhooks/sign.ts';
import { isObject, type Json } from './compiled.ts';

/** What the app really logs: one line of each event that somebody queries, by the event's name. */
export async function recordLoggedLines(): Promise<ReadonlyMap<unknown, Json>> {
  const lines = [
    ...(await linesOfApp()),
    ...(await linesOfAbandonedRename('applied')),
    ...(await linesOfAbandonedRename('lost')),
    ...linesOfDyingEvaluator(),
  ];
  return new Map(lines.map((line) => [line['event'], line]));
}

async function linesOfApp(): Promise<Json[]> {
  const stack = await startStack();
  try {
    const { default: resource }: Record<string, object> = JSON.parse(
      stack.settings['CUSTOM_VISION_RESOURCES'] ?? '',
    );
    const app = await stack.startApp({
      settings: {
        CUSTOM_VISION_RESOURCES: JSON.stringify({
          default: { ...resource, notificationQueue: 'trained', iterationName: '"x"' },
        }),
        ACCESS_POLICY:
          '[{"caller":"function-key","projects":["*"],"resources":["*"],"names":"v.*","may":["rename"]}]',
        WEBHOOK_SOURCES: JSON.stringify({
          deploys: { scheme: 'github', secret: 'webhook-deploys', rename: '$' },
          releases: { scheme: 'github', secret: 'webhook-releases', rename: '$' },
        }),
      },
    });
    const { id: projectId, iterations } = stack.sample;
    const iteration = `/customvision/v3.4/training/projects/${projectId}/iterations/${iterations[0].id}`;
    const send = async (method: string, path: string, json: object, secret = 'another'): Promise<number> => {
      const body = JSON.stringify(json);
      const headers = {
        'content-type': 'application/json',
        'x-functions-key': app.functionKey,
        ...signGithub({ body, secret, id: '1' }),
      };
      const response = await fetch(`${app.url}${path}`, { method, headers, body });
      return response.status;
    };
    const statuses = [
      await send('PATCH', iteration, { name: 'v1' }), // rename_completed
      await send('PATCH', iteration, { name: 'not granted' }), // caller_denied
      await send('POST', '/webhooks/deploys', {}), // key_vault_failed: there is no such secret
    ];
    const secret = 'a secret that signs deliveries';
    stack.keyVault.setSecret('webhook-releases', secret);
    statuses.push(await send('POST', '/webhooks/releases', {})); // caller_unauthenticated
    const vast = { long: 'x'.repeat(9000) };
    statuses.push(await send('POST', '/webhooks/releases', vast, secret)); // expression_over_bounds
    const refused = stack.customVision.faults.inject({ kind: 'status', status: 403, when: 'PATCH' });
    statuses.push(await send('PATCH', iteration, { name: 'v2' })); // upstream_access_refused
    refused.clear();
    stack.customVision.faults.inject({
      kind: 'status',
      status: 429,
      when: 'PATCH',
      headers: { 'retry-after': '1' },
    });
    statuses.push(await send('PATCH', iteration, { name: 'v2' })); // upstream_throttled
    if (statuses.join(' ') !== '200 403 503 401 503 502 429')
      throw new Error(`${statuses.join(' ')}\n${app.output()}`);

    await app.invoke('sweep-renames'); // sweep_completed
    await app.invoke('carry-out-rename', 'no pointer'); // message_dropped
    await app.invoke('settle-poisoned-rename', 'no rename'); // message_poisoned
    await app.invoke('name-trained-iteration-default', 'no notification'); // notification_refused
    await app.stop();
    return [...app.output().matchAll(/\{"event":.*\}/g)].map(([line]) => parseLine(line));
  } finally {
    await stack.stop();
  }
}

/** A day of waiting is beyond a running app: here the clock is ours. */
async function linesOfAbandonedRename(fate: 'applied' | 'lost'): Promise<Json[]> {
  const world = createWorld();
  world.script.rename = async () => ({ kind: 'no_answer', attempts: 1, requestId: null });
  await world.rename('v1').catch(() => {});
  const [lock] = world.locks.values();
  if (lock === undefined) throw new Error('the rename left no lock');
  world.script.read = async () =>
    fate === 'applied'
      ? { kind: 'iteration', iteration: { id: lock.iterationId, name: 'v1' }, answeredAtMs: null }
      : { kind: 'absent' };
  for (let look = 0; look < 2; look += 1) {
    world.advance(25 * 60 * 60 * 1000);
    await world.settle(lock, world.report); // the 24 hours count from the first look that failed
  }
  return world.events.map((event) => parseLine(JSON.stringify(event)));
}

/** It takes the process three deaths in a row, which a running app outlives for as long as it can. */
function linesOfDyingEvaluator(): Json[] {
  const events: EvaluatorEvent[] = [];
  const losses = createProcessLosses({ report: (event) => events.push(event), monotonic: () => 0 });
  for (let died = 0; died < 3; died += 1) losses.add('SIGKILL');
  return events.map((event) => parseLine(JSON.stringify(event)));
}

function parseLine(line: string): Json {
  const parsed: unknown = JSON.parse(line);
  if (!isObject(parsed)) throw new Error(`no event: ${line}`);
  return parsed;
}
