import type { KeyVaultEvent } from './cached-secrets.ts';

const MINUTE_MS = 60_000;

/**
 * Reports each secret's failure at most once a minute: anyone can make the app ask for a webhook's secret.
 */
export function createReportOnceAMinute({
  report,
  now,
}: {
  readonly report: (event: KeyVaultEvent) => void;
  readonly now: () => number;
}): (event: KeyVaultEvent) => void {
  const reportedAtMs = new Map<string, number>();

  return function reportOnceAMinute(event) {
    const { secretName } = event;
    if (now() - (reportedAtMs.get(secretName) ?? Number.NEGATIVE_INFINITY) < MINUTE_MS) return;
    reportedAtMs.set(secretName, now());
    report(event);
  };
}
