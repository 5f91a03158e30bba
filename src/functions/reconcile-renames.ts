import { app } from '@azure/functions';
import { logEvent } from '../log-events.ts';
import type { ReconcileRenames } from '../rename/reconcile-renames.ts';

/** Each minute: settles the renames whose sender is gone. */
export function registerReconcileRenames({ reconcile }: { readonly reconcile: ReconcileRenames }): void {
  app.timer('reconcile-renames', {
    schedule: '0 * * * * *',
    handler: (_timer, context) => reconcile((event) => logEvent(context, event)),
  });
}
