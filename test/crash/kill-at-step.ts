import { writeSync } from 'node:fs';
import { subscribe } from 'node:diagnostics_channel';
import { ClientRequest } from 'node:http';
import { SERVED_REQUESTS, type ServedRequest } from '../stack/functions-host/http1/serve-connection.ts';
import { storageOperation, type StorageOperation } from '../stack/storage-operation.ts';
import { INSTANCE_HEADER, KILLED_ITSELF, type KillStep } from './instance-mark.ts';
import type { AppStage, AppStep } from './kill-points.ts';

// Preloaded into an instance of the app, whose own code stays as built. Marks every request of the instance,
// so that the far ends know which instance sent it, and kills the process at the step in CRASH_AT.
// https://nodejs.org/api/diagnostics_channel.html#http,
// https://undici.nodejs.org/#/docs/api/DiagnosticsChannel

const instance = process.env['CRASH_INSTANCE'] ?? '';
const killStep = parseKillStep(process.env['CRASH_AT']);
let passed = 0;

// Requests of the SDKs.
subscribe('http.client.request.created', (message) => {
  const request = requestOf(message);
  if (!(request instanceof ClientRequest)) return;
  request.setHeader(INSTANCE_HEADER, instance);
  reach(message, 'before');
  request.once('finish', () => reach(message, 'sent'));
});
subscribe('http.client.response.finish', (message) => reach(message, 'answered'));
// Requests of our own exchanges.
subscribe('undici:request:create', (message) => {
  const request = requestOf(message);
  if (!isExchange(request)) return;
  request.addHeader(INSTANCE_HEADER, instance);
  reach(message, 'before');
});
subscribe('undici:request:bodySent', (message) => reach(message, 'sent'));
subscribe('undici:request:trailers', (message) => reach(message, 'answered'));
// Requests that the app answers.
subscribe(SERVED_REQUESTS, (message) => {
  // The host's own API and the warm-up are no steps of a rename.
  if (isServed(message) && !/^\/(?:admin\/|health$)/.test(message.path)) reachStep('request', message.stage);
});

function reach(message: unknown, stage: AppStage): void {
  reachStep(stepOf(requestOf(message)), stage);
}

function reachStep(step: AppStep | null, stage: AppStage): void {
  if (killStep === null || stage !== killStep.stage || step !== killStep.step) return;
  passed += 1;
  if (passed <= killStep.after) return;
  writeSync(2, `${KILLED_ITSELF}\n`);
  process.kill(process.pid, 'SIGKILL');
}

function stepOf(request: unknown): AppStep | null {
  if (request instanceof ClientRequest) return outgoingStepOf(request.method, request.path, '');
  if (isExchange(request)) return outgoingStepOf(request.method, request.path, textOf(request.body));
  return null;
}

function isServed(message: unknown): message is ServedRequest {
  return typeof message === 'object' && message !== null && 'path' in message && 'stage' in message;
}

const STORAGE_STEPS: Partial<Record<StorageOperation['operation'], AppStep>> = {
  batch: 'table transaction',
  get: 'table read',
  enqueue: 'enqueue',
  'delete-message': 'message deletion',
};

function outgoingStepOf(method: string, path: string, body: string): AppStep | null {
  if (path.startsWith('/customvision/')) return method === 'GET' || method === 'PATCH' ? method : null;
  // The warm-up, and the project's row before the first begin.
  if (`${path}${body}`.includes("PartitionKey='projects'")) return null;
  return STORAGE_STEPS[storageOperation({ method, path, body }).operation] ?? null;
}

function parseKillStep(text: string | undefined): KillStep | null {
  return text === undefined ? null : JSON.parse(text);
}

function requestOf(message: unknown): unknown {
  return typeof message === 'object' && message !== null && 'request' in message ? message.request : null;
}

/** A request of undici, as its diagnostics channels show it. */
interface Exchange {
  method: string;
  path: string;
  body: unknown;
  addHeader(name: string, value: string): void;
}

function textOf(body: unknown): string {
  return body instanceof Uint8Array ? Buffer.from(body).toString('utf8') : '';
}

function isExchange(value: unknown): value is Exchange {
  return (
    typeof value === 'object' &&
    value !== null &&
    'addHeader' in value &&
    'method' in value &&
    'path' in value &&
    typeof value.path === 'string'
  );
}
