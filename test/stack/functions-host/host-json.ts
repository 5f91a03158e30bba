import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The part of host.json that this host obeys, with the real host's defaults. */
export interface HostJson {
  http: { routePrefix: string; maxConcurrentRequests: number; maxOutstandingRequests: number };
  queues: {
    batchSize: number;
    newBatchThreshold: number;
    visibilityTimeoutMs: number;
    maxDequeueCount: number;
    maxPollingIntervalMs: number;
    messageEncoding: 'base64' | 'none';
  };
}

/**
 * Settings such as `AzureFunctionsJobHost__extensions__queues__maxDequeueCount` stand over the file, as in
 * the real host.
 */
export function readHostJson(appRoot: string, settings: NodeJS.Dict<string>): HostJson {
  const parsed: unknown = JSON.parse(readFileSync(join(appRoot, 'host.json'), 'utf8'));
  const http = { ...section(parsed, 'extensions', 'http'), ...overrides(settings, 'http') };
  const queues = { ...section(parsed, 'extensions', 'queues'), ...overrides(settings, 'queues') };
  return {
    http: {
      routePrefix: typeof http['routePrefix'] === 'string' ? http['routePrefix'] : 'api',
      maxConcurrentRequests: limit(http['maxConcurrentRequests'], Infinity),
      maxOutstandingRequests: limit(http['maxOutstandingRequests'], Infinity),
    },
    queues: {
      batchSize: limit(queues['batchSize'], 16),
      newBatchThreshold: limit(queues['newBatchThreshold'], 8),
      visibilityTimeoutMs: timeSpanMs(queues['visibilityTimeout'], 0),
      maxDequeueCount: limit(queues['maxDequeueCount'], 5),
      maxPollingIntervalMs: timeSpanMs(queues['maxPollingInterval'], 60_000),
      messageEncoding: queues['messageEncoding'] === 'none' ? 'none' : 'base64',
    },
  };
}

function overrides(settings: NodeJS.Dict<string>, extension: string): Record<string, unknown> {
  const prefix = `AzureFunctionsJobHost__extensions__${extension}__`;
  const found = Object.entries(settings).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(
    found.map(([name, value = '']) => [
      name.slice(prefix.length),
      /^-?\d+$/.test(value) ? Number(value) : value,
    ]),
  );
}

function section(value: unknown, ...path: string[]): Record<string, unknown> {
  let current: Record<string, unknown> = isRecord(value) ? value : {};
  for (const key of path) {
    const next = current[key];
    current = isRecord(next) ? next : {};
  }
  return current;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** -1 stands for no limit. */
function limit(value: unknown, otherwise: number): number {
  if (typeof value !== 'number') return otherwise;
  return value === -1 ? Infinity : value;
}

/** .NET's `[d.]hh:mm:ss[.fff]`. */
function timeSpanMs(value: unknown, otherwise: number): number {
  if (value === undefined) return otherwise;
  const match = typeof value === 'string' ? /^(?:(\d+)\.)?(\d+):(\d+):(\d+(?:\.\d+)?)$/.exec(value) : null;
  if (match === null)
    throw new Error(`host.json: ${JSON.stringify(value)} is not a time span such as "00:00:30"`);
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
}
