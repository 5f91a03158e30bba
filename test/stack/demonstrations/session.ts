import { format } from 'node:util';
import { STATUS_CODES } from 'node:http';
import { TableClient } from '@azure/data-tables';
import type { Stack } from '../stack.ts';

/** What a demonstration has to work with: the stack, the app's address, and a person who reads along. */
export interface Session {
  stack: Stack;
  url: string;
  /** The headers by which a caller proves who it is. */
  credential: Record<string, string>;
  print: (text?: string) => void;
}

export type Demonstration = (session: Session) => Promise<void>;

export interface ShownRequest {
  method: string;
  path: string;
  headers?: Record<string, string>;
  body?: string;
}

/** Sends a request through the app and prints it and its answer the way `curl -v` does. */
export async function showExchange(
  session: Session,
  request: ShownRequest,
): Promise<{ status: number; headers: Headers; body: string }> {
  const { method, path, body } = request;
  const headers = { ...session.credential, ...request.headers };
  session.print(`> ${method} ${session.url}${path}`);
  for (const [name, value] of Object.entries(headers)) session.print(`> ${name}: ${value}`);
  if (body !== undefined) session.print(`>\n> ${body}`);

  const response = await fetch(`${session.url}${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body }),
    redirect: 'manual',
  });
  const text = await response.text();
  session.print(`<\n< ${response.status} ${STATUS_CODES[response.status] ?? ''}`);
  for (const [name, value] of response.headers) {
    if (!['connection', 'date', 'keep-alive', 'server', 'transfer-encoding'].includes(name))
      session.print(`< ${name}: ${value}`);
  }
  session.print(`<\n${indent(pretty(text), '< ')}`);
  return { status: response.status, headers: response.headers, body: text };
}

/** Prints an audit record as it stands in the table, read past the app. */
export async function showRecord(
  session: Session,
  { projectId, renameId }: { projectId: string; renameId: string },
): Promise<void> {
  const table = TableClient.fromConnectionString(session.stack.azurite.connectionString, 'renames', {
    allowInsecureConnection: true,
  });
  const entity = await table.getEntity(projectId, `rename|${renameId}`);
  for (const [name, value] of Object.entries(entity)) {
    if (name !== 'odata.metadata' && value !== null && value !== undefined)
      session.print(`  ${name.padEnd(18)} ${shown(value)}`);
  }
}

/** The command that sends the same request from a shell. */
export function curlCommand(
  session: Pick<Session, 'url' | 'credential'> & { caFile?: string },
  { method, path, headers = {}, body }: ShownRequest,
): string {
  const parts = [
    'curl -i',
    ...(session.caFile === undefined ? [] : [`--cacert ${shellQuoted(session.caFile)}`]),
    ...(method === 'GET' ? [] : [`-X ${method}`]),
    shellQuoted(`${session.url}${path}`),
  ];
  for (const [name, value] of Object.entries({ ...session.credential, ...headers }))
    parts.push(`-H ${shellQuoted(`${name}: ${value}`)}`);
  if (body !== undefined) parts.push(`-d ${shellQuoted(body)}`);
  return parts.join(' \\\n    ');
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function indent(text: string, by: string): string {
  return text
    .split('\n')
    .map((line) => `${by}${line}`)
    .join('\n');
}

function shown(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'string' || typeof value === 'bigint' ? String(value) : format(value);
}
