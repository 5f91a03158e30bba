import { app } from '@azure/functions';
import { answerJson } from '../http/answer.ts';
import { createOpenApiDocument } from '../openapi/document.ts';

/** `GET /openapi.json`: the OpenAPI description of this API. */
export function registerDescribeApi({
  callerAuthentication,
}: {
  readonly callerAuthentication: Parameters<typeof createOpenApiDocument>[0];
}): void {
  app.http('describe-api', {
    route: 'openapi.json',
    methods: ['GET'],
    authLevel: 'anonymous',
    handler: async () =>
      answerJson(createOpenApiDocument(callerAuthentication), { 'cache-control': 'public, max-age=300' }),
  });
}
