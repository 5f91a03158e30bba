import type { CompiledHost } from '../stack/compile-host.ts';
import type { FunctionApp } from '../stack/function-app.ts';
import type { Stack } from '../stack/stack.ts';
import type { KillStep } from './instance-mark.ts';
import { type World, worldSettings } from './world.ts';

/** Starts instances of one built app that mark their requests, and kill themselves at a given step. */
export function startInstance({
  stack,
  appRoot,
  host,
  preloads,
  settings = {},
  withoutTimers = false,
}: {
  readonly stack: Pick<Stack, 'startApp'>;
  readonly appRoot: string;
  /** What `startFunctionApp` takes when left out. */
  readonly host?: CompiledHost;
  /** Arguments of Node. */
  readonly preloads: readonly string[];
  /** In addition to the stack's; these win. */
  readonly settings?: Record<string, string>;
  readonly withoutTimers?: boolean;
}): (mark: string, killStep: KillStep | null, world: World) => Promise<FunctionApp> {
  return (mark, killStep, world) =>
    stack.startApp({
      appRoot,
      ...(host === undefined ? {} : { host }),
      nodeArgs: preloads,
      queueLeaseSeconds: 2,
      withoutTimers,
      settings: {
        ...settings,
        ...worldSettings(world),
        CRASH_INSTANCE: mark,
        ...(killStep === null ? {} : { CRASH_AT: JSON.stringify(killStep) }),
      },
    });
}
