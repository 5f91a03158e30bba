import { SaxesParser } from 'saxes';
import type { SimulatedIteration, SimulatedProject } from './custom-vision-model.ts';
import type { ReceivedRequest } from './received-request.ts';
import type { SimulatorAnswer } from './simulator-server.ts';

/** A refusal in the service's own `CustomVisionError` shape. */
export interface Refusal {
  status: number;
  code: string;
  message: string;
  headers?: Record<string, string>;
}

/** The `name` that the body asks for: null when there is none, a refusal when the body cannot be read. */
export function requestedName(request: ReceivedRequest): { name: string | null } | Refusal {
  const mediaType = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  switch (mediaType) {
    case 'application/json':
    case 'text/json':
      return nameInJson(request.body);
    case 'application/xml':
    case 'text/xml':
      return nameInXml(request.body);
    case 'application/x-www-form-urlencoded':
      return { name: new URLSearchParams(request.body).get('name') };
    default:
      return {
        status: 415,
        code: 'UnsupportedMediaType',
        message: 'The media type of the request is not supported.',
      };
  }
}

const MALFORMED: Refusal = { status: 400, code: 'BadRequest', message: 'The request body is malformed.' };

function nameInJson(body: string): { name: string | null } | Refusal {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return MALFORMED;
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return MALFORMED;
  const name: unknown = 'name' in parsed ? parsed.name : null;
  return name === null || typeof name === 'string' ? { name } : MALFORMED;
}

function nameInXml(body: string): { name: string | null } | Refusal {
  const path: string[] = [];
  let name: string | null = null;
  const parser = new SaxesParser();
  parser.on('opentag', (tag) => {
    path.push(tag.name);
    if (path.join('/') === 'Iteration/name') name = '';
  });
  parser.on('text', (text) => {
    if (path.join('/') === 'Iteration/name') name = (name ?? '') + text;
  });
  parser.on('closetag', () => void path.pop());
  try {
    parser.write(body).close();
  } catch {
    return MALFORMED;
  }
  return { name };
}

/** JSON, or XML where `Accept` names it and not JSON. */
export function iterationAnswer(request: ReceivedRequest, iteration: SimulatedIteration): SimulatorAnswer {
  return render({ request, status: 200, root: 'Iteration', value: iteration });
}

export function projectAnswer(request: ReceivedRequest, project: SimulatedProject): SimulatorAnswer {
  return render({ request, status: 200, root: 'Project', value: project });
}

export function listAnswer(
  request: ReceivedRequest,
  model: 'Project' | 'Iteration',
  list: readonly object[],
): SimulatorAnswer {
  if (!wantsXml(request)) return render({ request, status: 200, root: '', value: list });
  const items = list.map((item) => element(model, item)).join('');
  return {
    status: 200,
    headers: { 'content-type': 'application/xml; charset=utf-8' },
    body: `<ArrayOf${model}>${items}</ArrayOf${model}>`,
  };
}

export function refusalAnswer(
  request: ReceivedRequest,
  { status, code, message, headers = {} }: Refusal,
): SimulatorAnswer {
  const answer = render({ request, status, root: 'CustomVisionError', value: { code, message } });
  return { ...answer, headers: { ...answer.headers, ...headers } };
}

function render({
  request,
  status,
  root,
  value,
}: {
  request: ReceivedRequest;
  status: number;
  root: string;
  value: unknown;
}): SimulatorAnswer {
  return wantsXml(request)
    ? { status, headers: { 'content-type': 'application/xml; charset=utf-8' }, body: element(root, value) }
    : { status, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(value) };
}

function wantsXml(request: ReceivedRequest): boolean {
  const accept = request.headers['accept'] ?? '';
  return /\b(application|text)\/xml\b/i.test(accept) && !/\bapplication\/json\b/i.test(accept);
}

function element(name: string, value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map((item) => element(name, item)).join('');
  const inner =
    typeof value === 'object'
      ? Object.entries(value)
          .map(([key, child]) => element(key, child))
          .join('')
      : escapeXml(typeof value === 'string' ? value : JSON.stringify(value));
  return `<${name}>${inner}</${name}>`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
