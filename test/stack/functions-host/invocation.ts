import { randomUUID } from 'node:crypto';
import type { CoreInvocationContext, TypedData } from './core-api.ts';
import type { RegisteredFunction, Registry } from './registry.ts';

export interface InvocationInput {
  function: RegisteredFunction;
  data: TypedData;
  triggerMetadata?: Record<string, TypedData>;
  reason: string;
  invocationId?: string;
}

export interface Invocations {
  /**
   * Runs one function to its end and gives what it returned; throws what it threw, after logging it as the
   * host does.
   */
  invoke(input: InvocationInput): Promise<TypedData | null | undefined>;
  running(): number;
  /** Resolves when nothing runs any more. */
  idle(): Promise<void>;
}

/** One invocation the way the worker does it: arguments, hooks, the function, hooks, the response. */
export function createInvocations({ registry, now }: { registry: Registry; now: () => number }): Invocations {
  const system = (level: string, message: string): void =>
    registry.log({ level, category: 'system', message });
  let running = 0;
  let waiting: (() => void)[] = [];

  const run = async (input: InvocationInput, invocationId: string): Promise<TypedData | null | undefined> => {
    const { name, metadata, callback, trigger } = input.function;
    let invocationContext: object | undefined;
    const core: CoreInvocationContext = {
      invocationId,
      metadata,
      state: 'preInvocationHooks',
      request: {
        inputData: [{ name: trigger.name, data: input.data }],
        triggerMetadata: input.triggerMetadata ?? {},
        // So it is where the app has no Application Insights; a trace of the caller's comes in its header.
        traceContext: { traceParent: '', traceState: '' },
      },
      log: (level, category, message) =>
        registry.log({
          level,
          category: category === 'user' ? 'user' : 'system',
          message,
          ...(invocationContext === undefined ? {} : { invocationContext }),
        }),
    };
    const model = registry.model().getInvocationModel(core);
    const { context, inputs } = await model.getArguments();
    invocationContext = context;

    const hookData = {};
    const before = { hookData, invocationContext: context, functionCallback: callback, inputs };
    await registry.runHooks('preInvocation', before);

    core.state = 'invocation';
    const after: {
      hookData: object;
      invocationContext: object;
      inputs: unknown[];
      result: unknown;
      error: unknown;
    } = {
      hookData,
      invocationContext: context,
      inputs: before.inputs,
      result: null,
      error: null,
    };
    try {
      after.result = await model.invokeFunction(context, before.inputs, before.functionCallback);
    } catch (error) {
      // A function may throw anything at all; only null would be taken for success below.
      after.error = error ?? new Error(`function "${name}" threw ${error}`);
    }
    core.state = 'postInvocationHooks';
    await registry.runHooks('postInvocation', after);
    if (after.error !== null) throw after.error;
    return (await model.getResponse(context, after.result)).returnValue;
  };

  return {
    async invoke(input) {
      const invocationId = input.invocationId ?? randomUUID();
      const { name } = input.function;
      const startedAtMs = now();
      running += 1;
      system('information', `Executing 'Functions.${name}' (Reason='${input.reason}', Id=${invocationId})`);
      try {
        const result = await run(input, invocationId);
        system(
          'information',
          `Executed 'Functions.${name}' (Succeeded, Id=${invocationId}, Duration=${Math.round(now() - startedAtMs)}ms)`,
        );
        return result;
      } catch (error) {
        // The host writes the whole exception into its log. What a function lets out here is out.
        const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
        system(
          'error',
          `Executed 'Functions.${name}' (Failed, Id=${invocationId}, Duration=${Math.round(now() - startedAtMs)}ms)\n${text}`,
        );
        throw error;
      } finally {
        await registry.logFlushed(); // before anybody is answered
        running -= 1;
        if (running === 0) {
          for (const resolve of waiting) resolve();
          waiting = [];
        }
      }
    },
    running: () => running,
    idle: () => (running === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  };
}
