import type { RegisteredFunction } from './registry.ts';

export interface RouteMatch {
  function: RegisteredFunction;
  params: Record<string, string>;
}

export type Router = (method: string, path: string) => RouteMatch | null;

/**
 * Routes as the Functions host matches them: tried in the order of the functions' names, with no ranking by
 * specificity. A method that no matching route takes is a 404
 * (https://github.com/Azure/azure-functions-host/issues/10098), and so is an unmet constraint.
 */
export function createRouter({
  functions,
  routePrefix,
}: {
  functions: RegisteredFunction[];
  routePrefix: string;
}): Router {
  const routes = functions
    .filter(({ trigger }) => trigger.type === 'httpTrigger')
    .map((registered) => {
      const { route, methods = ['GET', 'POST'] } = registered.trigger;
      // Of an empty route the host makes the function's name.
      const own = route === undefined || route === '' ? registered.name : route;
      const template = [routePrefix, own].filter((part) => part !== '').join('/');
      return {
        registered,
        methods: methods.map((method) => method.toUpperCase()),
        segments: parseTemplate(template),
      };
    });

  return (method, path) => {
    const parts = path
      .replace(/^\//, '')
      .replace(/(?<=[^/])\/$/, '')
      .split('/');
    if (parts.length > 1 && parts.includes('')) return null;
    for (const { registered, methods, segments } of routes) {
      if (!methods.includes(method.toUpperCase())) continue;
      const params = matchSegments(segments, parts);
      if (params !== null) return { function: registered, params };
    }
    return null;
  };
}

type Segment =
  | { kind: 'literal'; text: string }
  | { kind: 'parameter'; name: string; optional: boolean; accepts: (value: string) => boolean }
  | { kind: 'rest'; name: string };

function parseTemplate(template: string): Segment[] {
  return template
    .split('/')
    .filter((part) => part !== '')
    .map((part) => {
      const inner = /^\{(\*{0,2})([^}:?=]+)((?::[^}]*?)?)(\??)\}$/.exec(part);
      if (inner === null) {
        if (/[{}]/.test(part))
          throw new Error(`route "${template}": this host does not understand "${part}"`);
        return { kind: 'literal', text: part.toLowerCase() };
      }
      const [, stars = '', name = '', constraints = '', question = ''] = inner;
      if (stars !== '') return { kind: 'rest', name };
      const checks = constraints
        .split(':')
        .slice(1)
        .map((constraint) => constraintCheck(constraint, template));
      return {
        kind: 'parameter',
        name,
        optional: question !== '',
        accepts: (value) => checks.every((check) => check(value)),
      };
    });
}

/** The constraints of ASP.NET Core routing that functions are likely to use; any other is refused loudly. */
function constraintCheck(constraint: string, template: string): (value: string) => boolean {
  const [, name = '', argument] = /^(\w+)(?:\((.*)\))?$/.exec(constraint) ?? [];
  const number = Number(argument);
  switch (name.toLowerCase()) {
    case 'guid':
      // Guid.TryParse also takes braces, parentheses and no hyphens at all.
      return (value) =>
        /^(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\{[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}|\([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\))$/i.test(
          value,
        );
    case 'int':
    case 'long':
      return (value) => /^-?\d+$/.test(value);
    case 'bool':
      return (value) => /^(?:true|false)$/i.test(value);
    case 'alpha':
      return (value) => /^[a-z]*$/i.test(value);
    case 'minlength':
      return (value) => value.length >= number;
    case 'maxlength':
      return (value) => value.length <= number;
    case 'regex':
      return (value) => new RegExp(argument ?? '', 'i').test(value);
    default:
      throw new Error(`route "${template}": this host does not know the constraint "${constraint}"`);
  }
}

function matchSegments(segments: Segment[], parts: string[]): Record<string, string> | null {
  const params: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const part = parts[index];
    if (segment.kind === 'rest') {
      params[segment.name] = parts.slice(index).join('/');
      return params;
    }
    if (part === undefined || part === '') {
      if (segment.kind === 'parameter' && segment.optional) continue;
      return null;
    }
    if (segment.kind === 'literal') {
      if (segment.text !== part.toLowerCase()) return null;
    } else {
      if (!segment.accepts(part)) return null;
      params[segment.name] = part;
    }
  }
  return parts.length <= Math.max(segments.length, 1) && (segments.length > 0 || parts[0] === '')
    ? params
    : null;
}
