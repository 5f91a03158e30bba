import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nameNow, namesTaken } from './iteration-faults.ts';
import { type Answer, type RenameProxy, type SeededIteration, startRenameProxy } from './rename-proxy.ts';

const CALLERS = ['all', 'other', 'line-2', 'elsewhere', 'reader', 'approver', 'stranger'];
const all = { projects: ['*'], resources: ['*'], may: ['rename'] };

let proxy: RenameProxy;
beforeAll(async () => {
  proxy = await startRenameProxy({
    callerAuthentication: 'caller-key',
    callers: CALLERS,
    resources: ['default', 'line-2'],
    settings: {
      CALLER_KEYS: JSON.stringify(CALLERS),
      ACCESS_POLICY: JSON.stringify([
        { ...all, caller: 'key:all' },
        { ...all, caller: 'key:other' },
        { ...all, caller: 'key:line-2', resources: ['line-2'] },
        { ...all, caller: 'key:elsewhere', projects: ['00000000-0000-4000-8000-000000000000'] },
        { ...all, caller: 'key:reader', may: ['read'] },
        { ...all, caller: 'key:approver', names: 'approved .*' },
      ]),
    },
  });
});
afterAll(() => proxy.stop());

const as = (caller: string) => ({ 'training-key': proxy.stack.callerKeys[caller] ?? '' });

async function renamed(from = 'Iteration 1'): Promise<{ iteration: SeededIteration; first: Answer }> {
  const iteration = proxy.seed(from);
  return { iteration, first: await proxy.rename(iteration, { name: 'v1', headers: as('all') }) };
}

const NO_RECORD = { headers: new Headers({ 'rename-id': `${'1'.repeat(13)}-aaaaaaaaaa` }) };

describe('an undo', () => {
  it('is made once for two callers, and is on record as of the first', async () => {
    const { iteration, first } = await renamed();
    const undone = await proxy.undo(iteration, first, { headers: as('other') });
    const again = await proxy.undo(iteration, first, { headers: as('all') });
    expect([undone.status, again.status]).toEqual([200, 200]);
    expect([again.text, again.headers.get('rename-id')]).toEqual([
      undone.text,
      undone.headers.get('rename-id'),
    ]);
    expect(namesTaken(proxy, iteration)).toEqual(['v1', 'Iteration 1']);
    const [record] = await proxy.records(iteration.projectId);
    expect(record).toMatchObject({ callerId: 'key:other', undoes: first.headers.get('rename-id') });
  });

  it.each(['elsewhere', 'reader', 'stranger'])(
    'is a 403 for a caller without a grant to rename in this project, whether or not the rename exists: %s',
    async (caller) => {
      const { iteration, first } = await renamed();
      const answers = [
        await proxy.undo(iteration, first, { headers: as(caller) }),
        await proxy.undo(iteration, NO_RECORD, { headers: as(caller) }),
        await proxy.undo(iteration, first, { headers: as(caller), body: 'nonsense' }),
      ];
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
      expect(answers[0]?.json).toEqual({
        code: 'ForbiddenUserInsufficientCapability',
        message: 'No grant allows this caller to do this.',
      });
      expect(answers.map(({ status }) => status)).toEqual([403, 403, 403]);
      expect(nameNow(proxy, iteration)).toBe('v1');
    },
  );

  it('is a 404 for a record of a resource that is not granted, as if there were none', async () => {
    const { iteration, first } = await renamed();
    const headers = as('line-2');
    const answers = [
      await proxy.undo(iteration, first, { headers }),
      await proxy.undo(iteration, NO_RECORD, { headers }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([404, 404]);
    expect(answers[0]?.text).toBe(answers[1]?.text);
    expect(nameNow(proxy, iteration)).toBe('v1');
  });

  it('is a 401 without a credential', async () => {
    const { iteration, first } = await renamed();
    const { status, json } = await proxy.undo(iteration, first);
    expect([status, json['code']]).toEqual([401, 'Unauthorized']);
  });

  it.each([
    { from: 'approved 7', status: 200, now: 'approved 7' },
    { from: 'draft 7', status: 403, now: 'v1' },
  ])('gives back only names that the grant allows: $from is a $status', async ({ from, status, now }) => {
    const { iteration, first } = await renamed(from);
    expect((await proxy.undo(iteration, first, { headers: as('approver') })).status).toBe(status);
    expect(nameNow(proxy, iteration)).toBe(now);
    expect((await proxy.records(iteration.projectId)).length).toBe(status === 200 ? 2 : 1);
  });

  it('is sent to the resource of the rename', async () => {
    const iteration = proxy.seed('Iteration 1', 'line-2');
    const headers = as('line-2');
    const path = `/line-2${iteration.path}`;
    const first = await proxy.rename(iteration, { name: 'v1', path, headers });
    expect((await proxy.undo(iteration, first, { headers })).status).toBe(200);
    const { customVisions } = proxy.stack;
    expect(customVisions['line-2']?.iteration(iteration.projectId, iteration.iterationId)?.name).toBe(
      'Iteration 1',
    );
  });

  it('is a 404 where the resource of the rename is no longer served', async () => {
    const { default: only } = JSON.parse(proxy.stack.settings['CUSTOM_VISION_RESOURCES'] ?? '');
    const app = await proxy.stack.startApp({
      settings: { CUSTOM_VISION_RESOURCES: JSON.stringify({ default: only }) },
    });
    const iteration = proxy.seed('Iteration 1', 'line-2');
    const headers = as('all');
    const first = await proxy.rename(iteration, { name: 'v1', path: `/line-2${iteration.path}`, headers });
    const { status, json } = await proxy.undo(iteration, first, { headers, app });
    expect([status, json['code']]).toEqual([404, 'NotFound']);
  });
});
