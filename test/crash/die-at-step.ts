import { writeSync } from 'node:fs';
import { subscribe } from 'node:diagnostics_channel';
import { ClientRequest, IncomingMessage } from 'node:http';
import { storageOperation } from '../stack/storage-operation.ts';
import { INSTANCE_HEADER, KILLED_ITSELF, type StepToDieAt } from './instance-mark.ts';
import type { AppStage, AppStep } from './kill-points.ts';

// Preloaded into an instance of the app, whose own code stays as it is built. It marks every request that the instance makes, so that the
// far ends know whose it is, and kills the process at the step that it was told. https://nodejs.org/api/diagnostics_channel.html#http

const instance = process.env['CRASH_INSTANCE'] ?? '';
const dieAt = parseStepToDieAt(process.env['CRASH_AT']);
let passed = 0;

subscribe('http.client.request.created', (message) => {
  const request = requestOf(message);
  if (!(request instanceof ClientRequest)) return;
  request.setHeader(INSTANCE_HEADER, instance);
  reach(message, 'before');
  request.once('finish', () => reach(message, 'sent'));
});
subscribe('http.client.response.finish', (message) => reach(message, 'answered'));
subscribe('http.server.request.start', (message) => reach(message, 'before'));
subscribe('http.server.response.finish', (message) => reach(message, 'answered'));

function reach(message: unknown, stage: AppStage): void {
  if (dieAt === null || stage !== dieAt.stage || stepOf(requestOf(message)) !== dieAt.step) return;
  passed += 1;
  if (passed <= dieAt.after) return;
  writeSync(2, `${KILLED_ITSELF}\n`);
  process.kill(process.pid, 'SIGKILL');
}

function stepOf(request: unknown): AppStep | null {
  if (request instanceof ClientRequest) return outgoingStepOf(request);
  // Neither the host's own API nor the warming up is a step of a rename.
  return request instanceof IncomingMessage && /^\/(?:admin\/|health$)/.test(request.url ?? '') === false
    ? 'request'
    : null;
}

function outgoingStepOf({ method, path }: ClientRequest): AppStep | null {
  if (path.startsWith('/customvision/')) return method === 'GET' || method === 'PATCH' ? method : null;
  switch (storageOperation({ method, path, body: '' }).operation) {
    case 'batch':
      return 'table transaction';
    case 'get':
      return path.includes("'projects'") ? null : 'table read';
    case 'enqueue':
      return 'enqueue';
    case 'delete-message':
      return 'message deletion';
    default:
      return null;
  }
}

function parseStepToDieAt(text: string | undefined): StepToDieAt | null {
  return text === undefined ? null : JSON.parse(text);
}

function requestOf(message: unknown): unknown {
  return typeof message === 'object' && message !== null && 'request' in message ? message.request : null;
}
