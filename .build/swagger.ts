type Json = Readonly<Record<string, unknown>>;

/**
 * Rewrites OpenAPI 3.0 as 2.0, for importers that know no other (Power Platform). It covers what this API's
 * own document has, and throws where it meets anything else: a body has its JSON form only, which 2.0 cannot
 * tell from others, or is a page.
 */
export function toSwagger(document: Json): Json {
  const { info, paths, components } = document;
  const { schemas, responses } = object(components);
  return object(
    referred({
      swagger: '2.0',
      info,
      basePath: '/',
      paths: mapped(paths, (path) => mapped(path, toOperation)),
      definitions: mapped(schemas, toSchema),
      responses: mapped(responses, toResponse),
    }),
  );
}

function toOperation(operation: unknown): Json {
  const { parameters = [], requestBody, responses, ...others } = object(operation);
  const body = requestBody === undefined ? [] : [toBody(object(requestBody))];
  return {
    ...others,
    ...(body.length === 0 ? {} : { consumes: ['application/json'] }),
    produces: ['application/json', ...(Object.values(object(responses)).some(isPage) ? ['text/html'] : [])],
    parameters: [...list(parameters).map(toParameter), ...body],
    responses: mapped(responses, toResponse),
  };
}

function toParameter(parameter: unknown): Json {
  const { schema, example: _example, ...others } = object(parameter);
  return { ...others, ...toSchema(schema) };
}

function toBody({ content, required, description }: Json): Json {
  const { schema } = object(object(content)['application/json']);
  return {
    name: 'body',
    in: 'body',
    ...(description === undefined ? {} : { description }),
    required: required === true,
    schema: toSchema(schema),
  };
}

function toResponse(response: unknown): Json {
  const { content, headers, ...others } = object(response);
  const { 'application/json': json, 'text/html': page = json } = object(content ?? {});
  return {
    ...others,
    ...(page === undefined ? {} : { schema: toSchema(object(page)['schema']) }),
    ...(headers === undefined ? {} : { headers: mapped(headers, toHeader) }),
  };
}

function isPage(response: unknown): boolean {
  return 'text/html' in object(object(response)['content'] ?? {});
}

function toHeader(header: unknown): Json {
  const { schema, description } = object(header);
  return { ...(description === undefined ? {} : { description }), ...toSchema(schema) };
}

const UNKNOWN_TO_SWAGGER = ['anyOf', 'oneOf', 'not', 'writeOnly', 'deprecated'];

function toSchema(schema: unknown): Json {
  const { nullable, properties, items, example, enum: values, ...others } = object(schema);
  const foreign = UNKNOWN_TO_SWAGGER.filter((keyword) => keyword in others);
  if (foreign.length > 0) throw new Error(`OpenAPI 2.0 has no ${foreign.join(', ')}`);
  return {
    ...others,
    ...(nullable === true ? { 'x-nullable': true } : {}),
    ...(values === undefined ? {} : { enum: list(values).filter((value) => value !== null) }),
    ...(example === undefined ? {} : { example: withoutNulls(example) }),
    ...(properties === undefined ? {} : { properties: mapped(properties, toSchema) }),
    ...(items === undefined ? {} : { items: toSchema(items) }),
  };
}

/** 2.0 knows no null. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, child]) => child !== null)
      .map(([key, child]): [string, unknown] => [key, withoutNulls(child)]),
  );
}

/** With its references to where 2.0 keeps what they name. */
function referred(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(referred);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]): [string, unknown] => [
      key,
      key === '$ref' && typeof child === 'string'
        ? child.replace('#/components/schemas/', '#/definitions/').replace('#/components/', '#/')
        : referred(child),
    ]),
  );
}

function mapped(value: unknown, change: (child: unknown) => Json): Json {
  return Object.fromEntries(Object.entries(object(value)).map(([key, child]) => [key, change(child)]));
}

function object(value: unknown): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new TypeError('not an object');
  return { ...value };
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new TypeError('not a list');
  return value;
}
