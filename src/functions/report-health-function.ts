import { app } from '@azure/functions';
import type { Health } from '../observability/read-health.ts';
import { answerJson } from '../http/answer.ts';

/** `GET /health`: 200 where a rename can be made just now, else 503. Open to everybody, and of no use to a stranger. */
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
