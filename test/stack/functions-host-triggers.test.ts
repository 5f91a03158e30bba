import { QueueClient } from '@azure/storage-queue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStorageAccount, type StorageAccount } from './storage-account.ts';
import { createAppFolder, type AppFolder } from './fixtures/function-app.ts';
import { startFunctionApp, type FunctionApp } from './function-app.ts';

const HOST_JSON = {
  extensions: {
    queues: {
      messageEncoding: 'none',
      visibilityTimeout: '00:00:00',
      maxDequeueCount: 3,
      maxPollingInterval: '00:00:00.2',
    },
  },
};

const SOURCE = `
import { app } from '@azure/functions';
app.timer('j-timer', { schedule: '%TICK%', handler: (timer, context) => context.log('tick', timer.isPastDue) });
app.timer('k-failing-timer', { schedule: '0 0 0 1 1 *', handler: () => { throw new Error('not today'); } });
app.storageQueue('l-queue', {
  queueName: 'work', connection: 'WORK_STORAGE',
  handler: (message, context) => {
    context.log('work', JSON.stringify(message), context.triggerMetadata.dequeueCount, Object.keys(context.triggerMetadata).sort().join());
    if (message.fail) throw new Error('cannot');
  },
});
app.storageQueue('m-poison', {
  queueName: 'work-poison', connection: 'WORK_STORAGE',
  handler: (message, context) => context.log('poison', JSON.stringify(message)),
});
`;

let azurite: StorageAccount;
let folder: AppFolder;
let app: FunctionApp;

beforeAll(async () => {
  azurite = await openStorageAccount();
  folder = await createAppFolder({ source: SOURCE, hostJson: HOST_JSON });
  app = await startFunctionApp({
    appRoot: folder.appRoot,
    queueLeaseSeconds: 2,
    settings: {
      TICK: '* * * * * *',
      WORK_STORAGE: azurite.connectionString,
    },
  });
});
afterAll(async () => {
  await app.stop();
  await Promise.all([azurite.stop(), folder.remove()]);
});

describe('timers', () => {
  it('run by their schedule, which may come from a setting', async () => {
    await expect.poll(() => app.output(), { timeout: 3000 }).toMatch(/Reason='Timer fired'[^]*tick false/);
  });

  it('run on demand, and tell whether they threw', async () => {
    expect(await app.invoke('j-timer')).toEqual({ succeeded: true });
    expect(await app.invoke('k-failing-timer')).toEqual({ succeeded: false });
  });
});

describe('queues', () => {
  it('hand a message over once, with its metadata, and delete it', async () => {
    await queue('work').createIfNotExists();
    await queue('work').sendMessage('{"task":"one"}');
    const metadata = 'dequeueCount,expirationTime,id,insertionTime,nextVisibleTime,popReceipt,queueTrigger';
    await expect.poll(() => app.output(), { timeout: 3000 }).toContain(`work {"task":"one"} 1 ${metadata}`);
    await expect
      .poll(async () => (await queue('work').getProperties()).approximateMessagesCount, { timeout: 3000 })
      .toBe(0);
  });

  it('try a failing message maxDequeueCount times, then move it to the poison queue', async () => {
    await queue('work').createIfNotExists();
    await queue('work').sendMessage('{"task":"two","fail":true}');
    await expect.poll(() => app.output(), { timeout: 5000 }).toContain('poison {"task":"two","fail":true}');
    expect(
      [...app.output().matchAll(/work \{"task":"two","fail":true\} (\d)/g)].map(([, count]) => count),
    ).toEqual(['1', '2', '3']);
  });

  it('run on demand with an input', async () => {
    expect(await app.invoke('l-queue', '{"task":"three"}')).toEqual({ succeeded: true });
    expect(app.output()).toContain('work {"task":"three"} 1');
  });
});

function queue(name: string): QueueClient {
  return new QueueClient(azurite.connectionString, name);
}
