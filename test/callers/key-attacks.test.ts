import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type RenameProxy,
  type SeededIteration,
  startRenameProxy,
  textOfRows,
} from '../functions/rename-proxy.ts';
import { findCanary } from '../stack/canary.ts';
import type { Stack } from '../stack/stack.ts';

let proxy: RenameProxy;
let iteration: SeededIteration;
const retired = `line-3.${randomBytes(32).toString('base64url')}`;

beforeAll(async () => {
  proxy = await startRenameProxy({ callerAuthentication: 'caller-key', callers: ['line-3', 'line-4'] });
  iteration = proxy.seed();
  // One wrong key for each name, so that none of the attacks below may ask the vault for the next 30 s.
  for (const name of ['line-3', 'line-4']) await rename({ 'training-key': `${name}.${'x'.repeat(43)}` });
});
afterAll(() => proxy.stop());

const rename = (headers: Record<string, string>, path = iteration.path) =>
  proxy.rename(iteration, { headers: { ...headers }, path });
const keyOf = (name: string): string => proxy.stack.callerKeys[name] ?? '';
const secretOf = (name: string): string => keyOf(name).slice(name.length + 1);
const CHALLENGE = 'Training-Key realm="custom-vision-rename-proxy"';

/** The app's requests to each far end. */
function callsMade({ identity, keyVault, tables, queues, customVisions }: Stack): Record<string, number> {
  const ends = { identity, keyVault, tables, queues, ...customVisions };
  return Object.fromEntries(Object.entries(ends).map(([name, { journal }]) => [name, journal.length]));
}

it('renames for a caller with a key, and puts the caller on record', async () => {
  const target = proxy.seed();
  const answer = await proxy.rename(target, { headers: { 'training-key': keyOf('line-3') } });
  expect(answer.status).toBe(200);
  expect((await proxy.records(target.projectId))[0]).toMatchObject({
    callerKind: 'caller-key',
    callerId: 'key:line-3',
    status: 'succeeded',
  });
});

const ATTACKS: { case: string; headers: () => Record<string, string>; reason: string }[] = [
  { case: 'no key', headers: () => ({}), reason: 'no_caller_key' },
  { case: 'an empty key', headers: () => ({ 'training-key': '' }), reason: 'malformed_caller_key' },
  { case: 'a space', headers: () => ({ 'training-key': ' ' }), reason: 'malformed_caller_key' },
  ...[
    { case: 'the name alone', key: () => 'line-3' },
    { case: 'the name and a full stop', key: () => 'line-3.' },
    { case: 'the secret alone', key: () => secretOf('line-3') },
    { case: 'the secret with a full stop before it', key: () => `.${secretOf('line-3')}` },
    { case: 'the secret and the name swapped', key: () => `${secretOf('line-3')}.line-3` },
    { case: 'another separator', key: () => `line-3:${secretOf('line-3')}` },
    { case: 'two full stops', key: () => `line-3..${secretOf('line-3')}` },
    { case: 'a further part', key: () => `${keyOf('line-3')}.x` },
    { case: 'a secret of 31 characters', key: () => `line-3.${secretOf('line-3').slice(0, 31)}` },
    { case: 'a secret of 257 characters', key: () => `line-3.${'x'.repeat(257)}` },
    { case: 'a secret of 8 KiB', key: () => `line-3.${'x'.repeat(8192)}` },
    { case: 'padding as of base64', key: () => `${keyOf('line-3')}=` },
    { case: 'characters of plain base64', key: () => `line-3.${'+/'.repeat(20)}` },
    { case: 'quotes around it', key: () => `"${keyOf('line-3')}"` },
    { case: 'a scheme before it', key: () => `Bearer ${keyOf('line-3')}` },
    { case: 'percent-encoding', key: () => keyOf('line-3').replace('.', '%2E') },
    { case: 'a comma and a second key', key: () => `${keyOf('line-3')}, ${keyOf('line-4')}` },
    { case: 'the key twice', key: () => `${keyOf('line-3')}, ${keyOf('line-3')}` },
    { case: 'a star for its name', key: () => `*.${secretOf('line-3')}` },
    { case: 'a path for its name', key: () => `../training-key.${secretOf('line-3')}` },
    { case: 'the secret name for its name', key: () => `caller_line-3.${secretOf('line-3')}` },
    { case: 'a wildcard for its secret', key: () => 'line-3.*' },
    { case: 'the training key of the service', key: () => proxy.stack.trainingKey },
    { case: 'a training key as the service makes them', key: () => '0123456789abcdef'.repeat(2) },
    { case: 'an SQL fragment', key: () => `line-3.' or '1'='1` },
  ].map(({ case: name, key }) => ({
    case: name,
    headers: () => ({ 'training-key': key() }),
    reason: 'malformed_caller_key',
  })),
  ...[
    { case: 'the secret in another case', key: () => `line-3.${swapCase(secretOf('line-3'))}` },
    { case: 'the name in another case', key: () => `LINE-3.${secretOf('line-3')}` },
    { case: 'the first character changed', key: () => `line-3.${otherFirst(secretOf('line-3'))}` },
    { case: 'the last character left out', key: () => keyOf('line-3').slice(0, -1) },
    { case: 'a character added', key: () => `${keyOf('line-3')}x` },
    { case: 'the secret of another caller', key: () => `line-3.${secretOf('line-4')}` },
    { case: 'the own secret under the name of another', key: () => `line-4.${secretOf('line-3')}` },
    { case: 'a key that was rotated out', key: () => retired },
    { case: 'a random secret', key: () => `line-3.${randomBytes(32).toString('base64url')}` },
    { case: 'a secret of one letter', key: () => `line-3.${'A'.repeat(43)}` },
  ].map(({ case: name, key }) => ({
    case: name,
    headers: () => ({ 'training-key': key() }),
    reason: 'wrong_caller_key',
  })),
  ...[
    { case: 'an unknown name', key: () => `line-5.${secretOf('line-3')}` },
    { case: 'a name that only begins alike', key: () => `line-33.${secretOf('line-3')}` },
    { case: 'the name of the secret in the vault', key: () => `caller-line-3.${secretOf('line-3')}` },
    { case: 'the name of the training key in the vault', key: () => `training-key.${secretOf('line-3')}` },
    { case: 'the name of a property that every object has', key: () => `constructor.${'x'.repeat(43)}` },
  ].map(({ case: name, key }) => ({
    case: name,
    headers: () => ({ 'training-key': key() }),
    reason: 'unknown_caller',
  })),
  ...[
    'authorization',
    'x-functions-key',
    'x-api-key',
    'ocp-apim-subscription-key',
    'prediction-key',
    'cookie',
  ].map((header) => ({
    case: `a good key in the header ${header}`,
    headers: () => ({ [header]: header === 'authorization' ? `Bearer ${keyOf('line-3')}` : keyOf('line-3') }),
    reason: 'no_caller_key',
  })),
];

it.each(ATTACKS)('refuses without a call to any service: $case', async ({ headers, reason }) => {
  const before = callsMade(proxy.stack);
  const credential = headers();
  const answer = await rename(credential);
  const reading = await fetch(`${proxy.app.url}/projects/${iteration.projectId}/renames`, {
    headers: credential,
  });
  expect([answer.status, reading.status]).toEqual([401, 401]);
  expect(answer.json).toEqual({ code: 'Unauthorized', message: 'A valid credential is required.' });
  expect(answer.headers.get('www-authenticate')).toBe(CHALLENGE);
  expect(answer.raw, 'the answer gives no reason').not.toContain(reason);
  expect(callsMade(proxy.stack)).toEqual(before);
});

it.each(['code', 'Training-Key', 'training-key', 'subscription-key', 'key'])(
  'ignores a key in the query, which logs would keep: %s',
  async (parameter) => {
    const before = callsMade(proxy.stack);
    const answer = await rename({}, `${iteration.path}?${parameter}=${keyOf('line-3')}`);
    expect(answer.status).toBe(401);
    expect(callsMade(proxy.stack)).toEqual(before);
  },
);

it('ignores a key in the body', async () => {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const body = `name=x&Training-Key=${keyOf('line-3')}`;
  expect((await proxy.rename(iteration, { headers, body })).status).toBe(401);
});

it('answers a 401 as XML where that is preferred', async () => {
  const answer = await rename({ 'training-key': 'wrong', accept: 'application/xml' });
  expect(answer.status).toBe(401);
  expect(answer.text).toBe(
    '<?xml version="1.0" encoding="utf-8"?><CustomVisionError><code>Unauthorized</code><message>A valid credential is required.</message></CustomVisionError>',
  );
});

async function tookMs(name: string): Promise<number> {
  const startedMs = performance.now();
  await rename({ 'training-key': `${name}.${randomBytes(32).toString('base64url')}` });
  return performance.now() - startedMs;
}

const medianOf = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

it('answers a known and an unknown name in the same time', { retry: 2 }, async () => {
  await tookMs('stranger'); // the first request of a name may take as long as asking the vault
  const known: number[] = [];
  const unknown: number[] = [];
  for (let count = 0; count < 100; count += 1) {
    known.push(await tookMs('line-3'));
    unknown.push(await tookMs('stranger'));
  }
  // A vault call takes ten times as long as this difference.
  expect(Math.abs(medianOf(known) - medianOf(unknown))).toBeLessThan(1 + medianOf(known) / 4);
});

describe('rotation', () => {
  it('accepts a new key at once beside the old one, and then refuses the old one', async () => {
    const { stack } = proxy;
    const app = await stack.startApp({ settings: { TRAINING_KEY_TTL_SECONDS: '1' } });
    const status = async (key: string) =>
      (await proxy.rename(proxy.seed(), { app, headers: { 'training-key': key } })).status;
    const fresh = `line-4.${randomBytes(32).toString('base64url')}`;
    const old = keyOf('line-4');
    expect(await status(old)).toBe(200);
    stack.keyVault.setSecret('caller-line-4', `${old}\n${fresh}`);
    expect([await status(fresh), await status(old)]).toEqual([200, 200]);
    stack.keyVault.setSecret('caller-line-4', fresh);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect([await status(old), await status(fresh)]).toEqual([401, 200]);
    stack.keyVault.setSecret('caller-line-4', fresh, { enabled: false });
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect(await status(fresh)).toBe(401);
    await app.stop();
    stack.keyVault.setSecret('caller-line-4', old);
  });
});

describe('with tokens as well', () => {
  it('names both ways in a 401, and lets a bad token not fall back on a good key', async () => {
    const both = await startRenameProxy({
      callerAuthentication: 'entra,caller-key',
      azurite: proxy.stack.azurite,
    });
    try {
      const target = both.seed();
      const key = both.stack.callerKeys['line-3'] ?? '';
      const { entra } = both.stack;
      if (entra === null) throw new Error('the stack has no issuer');
      const token = await entra.sign(entra.claims.applicationV2());
      const anonymous = await both.rename(target, {});
      expect(anonymous.headers.get('www-authenticate')).toBe(
        `Bearer realm="custom-vision-rename-proxy", ${CHALLENGE}`,
      );
      const answers = [
        await both.rename(target, { name: 'a', headers: { 'training-key': key } }),
        await both.rename(target, { name: 'b', headers: { authorization: `Bearer ${token}` } }),
        await both.rename(target, { name: 'c', headers: { authorization: 'Bearer x', 'training-key': key } }),
      ];
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 401]);
    } finally {
      await both.stop();
    }
  });
});

it('a rename costs two storage requests, one PATCH, one GET and no vault call', async () => {
  await rename({ 'training-key': keyOf('line-3') });
  const before = callsMade(proxy.stack);
  const headers = { 'training-key': keyOf('line-3') };
  expect((await proxy.rename(iteration, { name: randomUUID(), headers })).status).toBe(200);
  const after = callsMade(proxy.stack);
  const made = Object.entries(after).map(([end, calls]) => [end, calls - (before[end] ?? 0)]);
  expect(Object.fromEntries(made)).toEqual({ identity: 0, keyVault: 0, tables: 2, queues: 0, default: 2 });
});

it('no caller key leaves: not upstream, not into the log, a record or an answer', async () => {
  const { stack, app } = proxy;
  const target = proxy.seed();
  const answer = await proxy.rename(target, { headers: { 'training-key': keyOf('line-3') } });
  const seen = [
    answer.raw,
    app.output(),
    textOfRows(await proxy.rows(target.projectId)),
    ...[stack.identity, stack.tables, stack.queues, stack.customVision].map(({ journal }) =>
      JSON.stringify(journal),
    ),
  ].join('\n');
  for (const name of ['line-3', 'line-4']) expect(findCanary(secretOf(name), seen)).toEqual([]);
  expect(findCanary(retired, seen)).toEqual([]);
});

it('logs the reason of each refusal', () => {
  for (const reason of ['no_caller_key', 'malformed_caller_key', 'wrong_caller_key', 'unknown_caller'])
    expect(proxy.app.output()).toContain(JSON.stringify({ event: 'caller_unauthenticated', reason }));
});

function swapCase(text: string): string {
  return text.replaceAll(/[a-z]/gi, (letter) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  );
}

function otherFirst(text: string): string {
  return `${text.startsWith('a') ? 'b' : 'a'}${text.slice(1)}`;
}
