import { app } from '@azure/functions';
import { logEvent } from '../observability/log-event.ts';
import type { ReconcileRenames } from '../rename/recovery/sweep-renames.ts';

/** Each minute: settles the renames whose sender is gone. */
export function registerReconcileRenames({ reconcile }: { readonly reconcile: ReconcileRenames }): void {
  app.timer('reconcile-renames', {
    schedule: '0 * * * * *',
    handler: (_timer, context) => reconcile((event) => logEvent(context, event)),
  });
}
