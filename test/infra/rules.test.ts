import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { APP_ROOT } from '../stack/stack.ts';
import { describeCompiled, readCompiler, readRefusal } from './compiled.ts';

const run = promisify(execFile);

describeCompiled('the template', () => {
  it.each([
    { case: 'a name that no vault can have', says: 'name "My_Renames.prod": lower-case letters' },
    { case: 'a region without the plan', says: 'location "atlantis": has no Flex Consumption plan' },
    { case: 'the name of a resource', says: 'resource "Line_3": lower-case letters' },
    { case: 'a resource that is nowhere', says: 'resource "Line_3": say where it is' },
    {
      case: 'an endpoint that is not encrypted',
      says: 'resource "plain": its endpoint must begin with https://',
    },
    { case: 'the name of a queue', says: 'the queue "Trained_" is no queue name' },
    { case: 'the name of a source', says: 'source "My Source": lower-case letters' },
    { case: 'the name of a caller with a key', says: 'caller "Line_3": lower-case letters' },
    { case: 'a caller with two keys', says: 'callers: a name is there more than once' },
    { case: 'a grant to a key that cannot be', says: 'caller "key:Line_3": must be' },
    { case: 'a sign-in by tokens that nobody may show', says: 'console: a clientId signs people in with' },
    { case: 'a client that has no id', says: 'console: the clientId "no client of any application  at all"' },
    { case: 'every page of every origin', says: 'corsOrigins "*": must be https://HOST' },
    { case: 'a caller who has no id', says: 'caller "entra:bob": must be' },
    { case: 'a project that has no id', says: 'project "the project" of *: must be' },
    {
      case: 'zones for the app, and one place for its records',
      says: 'storageRedundancy "Standard_GRS": zoneRedundant needs one with ZRS',
    },
    {
      case: 'a private endpoint without a network',
      says: 'resource "plain": a private endpoint needs a network',
    },
    {
      case: 'an account that is not named',
      says: 'resource "plain": name its account in trainingKey.accountId',
    },
    {
      case: 'an export of somebody else’s workspace',
      says: 'recordExport: an existing workspace exports by',
    },
  ])('refuses before anything is deployed: $case', ({ says }) => {
    expect(readRefusal('every-rule')).toContain(says);
  });

  it('says all of it at once, and nothing of what is right', () => {
    expect(readRefusal('every-rule').trim().split('\n')).toHaveLength(19);
    expect(readRefusal('unnamed-account')).toContain(
      'resource "default": name its account in trainingKey.accountId',
    );
    expect(readRefusal('unnamed-account').trim().split('\n')).toHaveLength(1);
    expect(readRefusal('nobody-signs-in').trim().split('\n')).toEqual([
      expect.stringContaining('console: nobody can sign in by a token without a clientId'),
    ]);
  });
});

const preflight = async (file: string): Promise<{ code: number; says: string }> => {
  const script = path.join(APP_ROOT, 'infra', 'scripts', 'preflight.ts');
  try {
    const { stdout } = await run(process.execPath, [script, path.join(APP_ROOT, file)], {
      env: { ...process.env, BICEP: readCompiler() },
    });
    return { code: 0, says: stdout };
  } catch (error) {
    const { code, stderr } = Object(error);
    return { code, says: String(stderr) };
  }
};

describeCompiled('the pre-flight', () => {
  it.each(['main', 'production', 'private-stores'])(
    'lets infra/%s.bicepparam pass, and leaves nothing beside it',
    async (name) => {
      expect(await preflight(`infra/${name}.bicepparam`)).toMatchObject({
        code: 0,
        says: expect.stringMatching(/the app would start, .* console page/),
      });
      expect(existsSync(path.join(APP_ROOT, 'infra', `${name}.snapshot.json`))).toBe(false);
    },
    60_000,
  );

  it('says what the app’s own parser refuses, though the template compiles', async () => {
    const { code, says } = await preflight('test/infra/refused/by-the-app.bicepparam');
    expect(code).toBe(1);
    expect(says).toContain('ACCESS_POLICY');
    expect(says).toContain('WEBHOOK_SOURCES');
  }, 60_000);
});
