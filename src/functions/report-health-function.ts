import { app } from '@azure/functions';
import { answerJson } from '../http/answer.ts';
import type { Health } from '../observability/read-health.ts';

/** `GET /health`: 200 when a rename can be made now, else 503. Unauthenticated by design; shows no detail. */
export function registerReportHealth({ readHealth }: { readonly readHealth: () => Promise<Health> }): void {
  app.http('report-health', {
    route: 'health',
    methods: ['GET'],
    authLevel: 'anonymous',
    handler: async () => {
      const health = await readHealth();
      return answerJson(health, {}, health.status === 'ready' ? 200 : 503);
    },
  });
}
