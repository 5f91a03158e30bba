import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { createOpenApiDocument } from '../../src/openapi/document.ts';

/** An answer of the app, and the request that got it. */
export interface SeenAnswer {
  method: string;
  path: string;
  status: number;
  headers: Headers;
  body: string;
}

/** Checks answers against the app's own OpenAPI document. Each returned line is one violation. */
export function createContract(): (answer: SeenAnswer) => string[] {
  const document: unknown = JSON.parse(JSON.stringify(createOpenApiDocument('function-key')));
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema({ $id: 'openapi', ...object(document) });
  const validators = new Map<string, ValidateFunction>();
  const routes = Object.entries(object(at(document, 'paths'))).map(([template, operations]) => ({
    pattern: new RegExp(`^${template.replaceAll(/[.]/g, '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
    operations: object(operations),
    pointer: `/paths/${template.replaceAll('~', '~0').replaceAll('/', '~1')}`,
  }));

  return ({ method, path, status, headers, body }) => {
    const route = routes.find(({ pattern }) => pattern.test(path.split('?')[0] ?? ''));
    const operation = route?.operations[method.toLowerCase()];
    if (route === undefined || operation === undefined) return []; // the platform's own 404
    if (body === '' && PLATFORM_ANSWERS.has(status)) return [];
    const said = `${method} ${path.split('?')[0]} answered ${status}`;
    const responses = object(at(operation, 'responses'));
    const [key, entry] =
      Object.entries(responses).find(([code]) => code === String(status)) ??
      // What the upstream refused, with its own status.
      Object.entries(responses).find(([code]) => code === 'default' && status >= 400 && status < 500) ??
      [];
    if (key === undefined) return [`${said}, which is not documented`];
    const reference = at(entry, '$ref');
    const pointer =
      typeof reference === 'string'
        ? reference.slice(1)
        : `${route.pointer}/${method.toLowerCase()}/responses/${key}`;
    const response = typeof reference === 'string' ? resolve(document, reference) : entry;

    const faults: string[] = [];
    for (const [name, header] of Object.entries(object(at(response, 'headers') ?? {}))) {
      if (at(header, 'required') === true && !headers.has(name)) faults.push(`${said} without ${name}`);
    }
    const content = object(at(response, 'content') ?? {});
    const mediaType = (headers.get('content-type') ?? '').split(';')[0]?.trim() ?? '';
    if (Object.keys(content).length === 0) {
      return body === '' ? faults : [...faults, `${said} with a body, and none is documented`];
    }
    if (!(mediaType in content)) return [...faults, `${said} as "${mediaType}", which is not documented`];
    if (mediaType !== 'application/json') return faults;
    const schema = `openapi#${pointer}/content/application~1json/schema`;
    const validate = validators.get(schema) ?? ajv.compile({ $ref: encodeURI(schema) });
    validators.set(schema, validate);
    if (!validate(JSON.parse(body))) faults.push(`${said}: ${ajv.errorsText(validate.errors)}: ${body}`);
    return faults;
  };
}

/** Given by the platform before any function runs, without a body. */
const PLATFORM_ANSWERS = new Set([400, 401, 404, 429, 500, 503]);

function object(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new TypeError('not an object');
  return { ...value };
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? object(value)[key] : undefined;
}

function resolve(document: unknown, reference: string): unknown {
  let found = document;
  for (const part of reference.slice(2).split('/')) found = at(found, part);
  return found;
}
