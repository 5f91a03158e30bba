import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { createReadHealth } from '../../src/observability/read-health.ts';
import { startStack } from '../stack/stack.ts';

const ok = () => Promise.resolve();
const fails = () => Promise.reject(new Error('down'));
const never = () => new Promise<never>(() => {});

describe('the state of the dependencies', () => {
  it.each([
    {
      case: 'all are available',
      checks: { keyVault: ok, auditTable: ok, customVision: ok },
      status: 'ready',
    },
    { case: 'one fails', checks: { keyVault: fails, auditTable: ok, customVision: ok }, status: 'not_ready' },
    {
      case: 'expressions cannot be evaluated',
      checks: { keyVault: ok, auditTable: ok, customVision: ok, expressions: fails },
      status: 'not_ready',
    },
    { case: 'one hangs', checks: { keyVault: ok, auditTable: never, customVision: ok }, status: 'not_ready' },
  ])('is $status where $case', async ({ checks, status }) => {
    const readHealth = createReadHealth({ checks, now: () => 0, sleep: () => sleep(5) });
    expect((await readHealth()).status).toBe(status);
  });

  it('is checked once for all calls within ten seconds', async () => {
    let nowMs = 0;
    const check = vi.fn<() => Promise<void>>(ok);
    const readHealth = createReadHealth({
      checks: { keyVault: check, auditTable: ok, customVision: ok },
      now: () => nowMs,
      sleep: () => sleep(5),
    });
    await Promise.all(Array.from({ length: 100 }, readHealth));
    nowMs = 9_999;
    await readHealth();
    expect(check).toHaveBeenCalledTimes(1);
    nowMs = 10_000;
    await readHealth();
    expect(check).toHaveBeenCalledTimes(2);
  });
});

describe('GET /health', () => {
  it('shows publicly that renames can be made, and nothing else; polling makes no calls', async () => {
    const stack = await startStack();
    try {
      // Each minute has a sweep, which reads the table, too.
      const app = await stack.startApp({ settings: { 'AzureWebJobs.sweep-renames.Disabled': 'true' } });
      await expect.poll(() => stack.tables.operations()).toHaveLength(1); // what it warms up with at start
      const answers = await Promise.all(Array.from({ length: 50 }, () => fetch(`${app.url}/health`)));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
      expect(await answers[0]?.json()).toEqual({
        status: 'ready',
        checks: { keyVault: 'ok', auditTable: 'ok', customVision: 'ok' },
      });
      expect(stack.tables.operations().map(({ operation }) => operation)).toEqual(['batch', 'get']);
      expect(stack.customVision.journal).toHaveLength(1);
      expect(stack.customVision.journal[0]?.headers).not.toHaveProperty('training-key');
    } finally {
      await stack.stop();
    }
  });

  it('names the failing dependency', async () => {
    const stack = await startStack();
    try {
      await Promise.all([stack.customVision.faults.refuse(), stack.keyVault.faults.refuse()]);
      const app = await stack.startApp();
      const answer = await fetch(`${app.url}/health`);
      expect(answer.status).toBe(503);
      expect(await answer.json()).toEqual({
        status: 'not_ready',
        checks: { keyVault: 'failing', auditTable: 'ok', customVision: 'failing' },
      });
    } finally {
      await stack.stop();
    }
  });
});
