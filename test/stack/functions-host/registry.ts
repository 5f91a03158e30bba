import { format } from 'node:util';
import type {
  Binding,
  CoreApi,
  FunctionCallback,
  FunctionMetadata,
  HookCallback,
  ProgrammingModel,
} from './core-api.ts';
import type { LogWriter } from './log-writer.ts';

export interface RegisteredFunction {
  name: string;
  metadata: FunctionMetadata;
  callback: FunctionCallback;
  trigger: Binding & { name: string };
}

/** What the app registered while its entry point was loaded, and the log it writes to. */
export interface Registry {
  coreApi: CoreApi;
  /**
   * In the order of their names, in which the host tries routes. Functions disabled by setting are left out.
   */
  functions(): RegisteredFunction[];
  model(): ProgrammingModel;
  runHooks(name: string, context: object): Promise<void>;
  log(entry: LogEntry): void;
  /** Resolves once what was logged so far is out. */
  logFlushed(): Promise<void>;
}

export interface LogEntry {
  level: string;
  category: 'user' | 'system';
  message: string;
  invocationContext?: object;
}

export function createRegistry({
  isDisabled,
  logWriter,
}: {
  isDisabled: (name: string) => boolean;
  logWriter: LogWriter;
}): Registry {
  const registered = new Map<string, RegisteredFunction>();
  const hooks = new Map<string, Set<HookCallback>>();
  let programmingModel: ProgrammingModel | null = null;

  const log = (entry: LogEntry): void => {
    const seen = { hookData: {}, ...entry };
    // Log hooks are synchronous by contract, and may change what is written.
    for (const hook of hooks.get('log') ?? []) hook(seen);
    logWriter.write(seen.level, seen.message);
  };

  /* oxlint-disable-next-line typescript/no-extraneous-class -- the API hands out a class to be constructed */
  class DisposableOnce {
    dispose: () => unknown;
    constructor(dispose: () => unknown) {
      this.dispose = dispose;
    }
  }

  const coreApi: CoreApi = {
    version: '3.12.0',
    hostVersion: '4.1000.0.0',
    Disposable: DisposableOnce,
    registerFunction(metadata, callback) {
      const trigger = Object.entries(metadata.bindings).find(([, binding]) => /trigger$/i.test(binding.type));
      if (trigger === undefined) throw new Error(`function "${metadata.name}" has no trigger`);
      if (registered.has(metadata.name))
        throw new Error(`A function named "${metadata.name}" is registered twice`);
      registered.set(metadata.name, {
        name: metadata.name,
        metadata,
        callback,
        trigger: { ...trigger[1], name: trigger[0] },
      });
      return new DisposableOnce(() => registered.delete(metadata.name));
    },
    registerHook(name, callback) {
      const callbacks = hooks.get(name) ?? new Set();
      hooks.set(name, callbacks.add(callback));
      return new DisposableOnce(() => callbacks.delete(callback));
    },
    setProgrammingModel(model) {
      programmingModel = model;
    },
    getProgrammingModel: () => programmingModel,
    log: (level, category, message) =>
      log({ level, category: category === 'user' ? 'user' : 'system', message: format(message) }),
  };

  return {
    coreApi,
    functions: () =>
      [...registered.values()]
        .filter(({ name }) => !isDisabled(name))
        .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    model() {
      if (programmingModel === null) throw new Error('@azure/functions was never loaded');
      return programmingModel;
    },
    async runHooks(name, context) {
      for (const hook of hooks.get(name) ?? []) await hook(context);
    },
    log,
    logFlushed: () => logWriter.flushed(),
  };
}
