import { expect } from 'vitest';
import { findCanary } from '../stack/canary.ts';
import type { FunctionApp } from '../stack/function-app.ts';
import { startOtherHost } from './other-host.ts';
import {
  type Answer,
  type RenameProxy,
  type SeededIteration,
  startRenameProxy,
  textOfRows,
} from './rename-proxy.ts';

/** A proxy, and the means to find its training key in everything that a rename leaves behind. */
export interface KeyLeakProxy extends RenameProxy {
  key: string;
  otherHostUrl: string;
  renameAndLook(iteration: SeededIteration, app?: FunctionApp): Promise<Answer[]>;
  /** Makes requests of the test's own, and looks for the key in all that came of them. */
  askAndLook<T extends Pick<Answer, 'raw'>>(
    iteration: SeededIteration,
    ask: () => Promise<T[]>,
    app?: FunctionApp,
  ): Promise<T[]>;
}

export async function startKeyLeakProxy(): Promise<KeyLeakProxy> {
  const otherHost = await startOtherHost();
  // With all logs of the SDKs: an operator turns them on to find a fault.
  const proxy = await startRenameProxy({
    settings: { UPSTREAM_TIMEOUT_SECONDS: '2', AZURE_LOG_LEVEL: 'verbose', DEBUG: '*' },
  });
  const key = proxy.stack.trainingKey;

  /** Renames with each kind of answer, twice with the same idempotency key. */
  const renameAndLook: KeyLeakProxy['renameAndLook'] = (iteration, app = proxy.app) =>
    askAndLook(
      iteration,
      async () => {
        const idempotencyKey = { 'idempotency-key': iteration.iterationId };
        const first = await proxy.rename(iteration, { headers: idempotencyKey, app });
        const others = [{ ...idempotencyKey, accept: 'text/xml' }, { accept: 'text/xml' }].map((headers) =>
          proxy.rename(iteration, { headers, app }),
        );
        return [first, ...(await Promise.all(others))];
      },
      app,
    );

  async function askAndLook<T extends Pick<Answer, 'raw'>>(
    iteration: SeededIteration,
    ask: () => Promise<T[]>,
    app: FunctionApp = proxy.app,
  ): Promise<T[]> {
    const { tables, queues, identity, keyVault } = proxy.stack;
    const neighbours = [tables, queues, identity, keyVault];
    const since = neighbours.map(({ journal }) => journal.length);
    const outputSince = app.output().length;
    const otherHostSince = otherHost.requests.length;

    const answers = await ask();
    const places = {
      answers: answers.map(({ raw }) => raw).join('\n'),
      output: app.output().slice(outputSince),
      rows: textOfRows(await proxy.rows(iteration.projectId)),
      'requests to storage, vault and identity': neighbours
        .map(({ journal }, index) => JSON.stringify(journal.slice(since[index])))
        .join('\n'),
      'requests to other hosts': otherHost.requests.slice(otherHostSince).join('\n'),
    };
    const sightings = Object.entries(places).map(([place, text]) => [place, findCanary(key, text)]);
    expect(Object.fromEntries(sightings)).toEqual(
      Object.fromEntries(Object.keys(places).map((place) => [place, []])),
    );
    return answers;
  }

  return {
    ...proxy,
    key,
    otherHostUrl: otherHost.url,
    renameAndLook,
    askAndLook,
    async stop() {
      await proxy.stop();
      otherHost.stop();
    },
  };
}
