import { app, type HttpResponseInit } from '@azure/functions';
import { answeringErrors } from '../http/answering-errors.ts';

/** `GET /console`: the console page. Unauthenticated by design: it is one document for everyone, without data. */
export function registerShowConsole({
  showConsole,
}: {
  readonly showConsole: () => Promise<HttpResponseInit>;
}): void {
  app.http('show-console', {
    route: 'console',
    methods: ['GET'],
    authLevel: 'anonymous',
    handler: answeringErrors(showConsole),
  });
}
