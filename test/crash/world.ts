import type { Random } from '../random.ts';
import { allowing } from './settings.ts';

/** In what an instance may differ from the others. */
export interface World {
  /** Of its wall clock. */
  readonly clockOffsetMs?: number;
  readonly upstreamTimeoutSeconds?: number;
  /** Where false, it accepts deliveries and leaves it to other instances to carry them out. */
  readonly carriesOut?: boolean;
  /** Where false, its access policy no longer lets webhooks rename. */
  readonly allowsWebhooks?: boolean;
}

const MAX_CLOCK_OFFSET_MS = 60_000;

/** The settings that put an instance into its world. */
export function worldSettings({
  clockOffsetMs,
  upstreamTimeoutSeconds,
  carriesOut = true,
  allowsWebhooks = true,
}: World): Record<string, string> {
  return {
    ...(clockOffsetMs === undefined ? {} : { CLOCK_SHIFT_MS: String(clockOffsetMs) }),
    ...(upstreamTimeoutSeconds === undefined
      ? {}
      : { UPSTREAM_TIMEOUT_SECONDS: String(upstreamTimeoutSeconds) }),
    ...(carriesOut ? {} : { 'AzureWebJobs.carry-out-rename.Disabled': 'true' }),
    ...(allowsWebhooks ? {} : { ACCESS_POLICY: allowing(['function-key']) }),
  };
}

/**
 * A third of the clocks are right, the others up to a minute off; timeouts are the usual one, or twice that.
 */
export function randomWorld(random: Random, upstreamTimeoutSeconds: number): World {
  const clockOffsetMs = random.chance(1 / 3)
    ? 0
    : random.below(2 * MAX_CLOCK_OFFSET_MS + 1) - MAX_CLOCK_OFFSET_MS;
  return { clockOffsetMs, upstreamTimeoutSeconds: upstreamTimeoutSeconds * (random.chance(0.5) ? 1 : 2) };
}
