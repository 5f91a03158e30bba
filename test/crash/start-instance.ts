import type { CompiledHost } from '../stack/compile-host.ts';
import type { FunctionApp } from '../stack/function-app.ts';
import type { Stack } from '../stack/stack.ts';
import type { StepToDieAt } from './instance-mark.ts';

/** Starts instances of one built app that mark what they send, and may be told where to die. */
export function startInstance({
  stack,
  appRoot,
  host,
  preload,
  cache,
  settings = {},
}: {
  readonly stack: Pick<Stack, 'startApp'>;
  readonly appRoot: string;
  readonly host: CompiledHost;
  readonly preload: string;
  /** A folder for compiled code. */
  readonly cache: string;
  /** Over those of the stack. */
  readonly settings?: Record<string, string>;
}): (mark: string, dieAt: StepToDieAt | null) => Promise<FunctionApp> {
  return (mark, dieAt) =>
    stack.startApp({
      appRoot,
      host,
      nodeArgs: ['--import', preload],
      queueLeaseSeconds: 2,
      settings: {
        ...settings,
        NODE_COMPILE_CACHE: cache,
        CRASH_INSTANCE: mark,
        ...(dieAt === null ? {} : { CRASH_AT: JSON.stringify(dieAt) }),
      },
    });
}
