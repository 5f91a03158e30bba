import { app } from '@azure/functions';
import { answerJson } from '../http/answer.ts';
import { answeringErrors } from '../http/answering-errors.ts';
import { openApiDocument } from '../openapi/versions.ts';

/** `GET /openapi.json`: the OpenAPI description of this API. */
export function registerDescribeApi({
  callerAuthentication,
}: {
  readonly callerAuthentication: Parameters<typeof openApiDocument>[1];
}): void {
  app.http('describe-api', {
    route: 'openapi.json',
    methods: ['GET'],
    authLevel: 'anonymous',
    handler: answeringErrors(async ({ query }) =>
      answerJson(openApiDocument(query.get('version'), callerAuthentication), {
        'cache-control': 'public, max-age=300',
      }),
    ),
  });
}
