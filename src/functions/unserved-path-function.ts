import { app, type HttpHandler } from '@azure/functions';
import { answeringErrors } from '../http/answering-errors.ts';
import { RequestError } from '../http/request-error.ts';

/**
 * Every path and method that no other function serves: SDKs break on the host's own 404, which is empty. The
 * host tries routes in the order of function names, so this name must sort after all others that have one. It
 * leaves `/` to the console, or to the host, and `//` is the host's own 404.
 */
export function registerUnservedPath(): void {
  app.http('unserved-path', {
    route: '{first}/{*rest}',
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    authLevel: 'anonymous',
    handler: answeringErrors(refuse),
  });
}

const refuse: HttpHandler = async ({ method, url }) => {
  const path = new URL(url).pathname.slice(0, 200);
  throw new RequestError(
    'not_found',
    `This proxy does not serve ${method} ${path}: it renames iterations, and looks up projects and iterations. GET /openapi.json lists what it serves.`,
  );
};
