import { app } from '@azure/functions';
import { logEvent } from '../observability/log-event.ts';
import type { SweepRenames } from '../rename/recovery/sweep-renames.ts';

/** Every minute: settles renames whose instance ended before it completed them. */
export function registerSweepRenames({ sweep }: { readonly sweep: SweepRenames }): void {
  app.timer('sweep-renames', {
    schedule: '0 * * * * *',
    handler: (_timer, context) => sweep((event) => logEvent(context, event)),
  });
}
