import { registerHooks } from 'node:module';

/**
 * The part of `@azure/functions-core` that the library uses. The package exists only inside the Functions
 * worker; this stands in for it.
 */
export interface CoreApi {
  version: string;
  hostVersion: string;
  registerFunction(metadata: FunctionMetadata, callback: FunctionCallback): Disposable;
  registerHook(name: string, callback: HookCallback): Disposable;
  setProgrammingModel(model: ProgrammingModel): void;
  getProgrammingModel(): ProgrammingModel | null;
  log(level: string, category: string, message: string): void;
  Disposable: new (dispose: () => unknown) => Disposable;
}

export interface Disposable {
  dispose(): unknown;
}

export interface FunctionMetadata {
  name: string;
  bindings: Record<string, Binding>;
}

export interface Binding {
  name?: string;
  type: string;
  direction: string;
  authLevel?: string;
  methods?: string[];
  route?: string;
  schedule?: string;
  runOnStartup?: boolean;
  queueName?: string;
  connection?: string;
}

export type FunctionCallback = (...args: unknown[]) => unknown;
export type HookCallback = (context: object) => unknown;

/**
 * Values cross between host and worker in these wrappers:
 * https://github.com/Azure/azure-functions-language-worker-protobuf
 */
export interface TypedData {
  string?: string;
  json?: string;
  bytes?: Uint8Array;
  int?: number;
  http?: HttpData;
}

export interface HttpData {
  method?: string;
  url?: string;
  statusCode?: string;
  headers?: Record<string, string>;
  nullableHeaders?: Record<string, { value: string }>;
  nullableQuery?: Record<string, { value: string }>;
  nullableParams?: Record<string, { value: string }>;
  body?: TypedData | null;
  cookies?: { name: string; value: string }[];
}

export interface InvocationRequest {
  inputData: { name: string; data: TypedData }[];
  triggerMetadata: Record<string, TypedData>;
  traceContext?: { traceParent: string; traceState: string };
}

export interface CoreInvocationContext {
  invocationId: string;
  metadata: FunctionMetadata;
  request: InvocationRequest;
  state: 'preInvocationHooks' | 'invocation' | 'postInvocationHooks';
  log(level: string, category: string, message: string): void;
}

export interface InvocationModel {
  getArguments(): Promise<{ context: object; inputs: unknown[] }>;
  invokeFunction(context: object, inputs: unknown[], handler: FunctionCallback): Promise<unknown>;
  getResponse(context: object, result: unknown): Promise<{ returnValue?: TypedData | null }>;
}

export interface ProgrammingModel {
  name: string;
  version: string;
  getInvocationModel(context: CoreInvocationContext): InvocationModel;
  getCapabilities(capabilities: Record<string, string>): Promise<Record<string, string>>;
}

const SPECIFIER = '@azure/functions-core';
const URL_OF_STAND_IN = 'functions-host:core';
const HANDED_OVER = Symbol.for('functions-host.core-api');

/**
 * Makes `require('@azure/functions-core')` and `import` of it give this object, for every module loaded from
 * now on.
 */
export function provideCoreApi(api: CoreApi): void {
  Object.defineProperty(globalThis, HANDED_OVER, { value: api });
  registerHooks({
    resolve: (specifier, context, nextResolve) =>
      specifier === SPECIFIER
        ? { url: URL_OF_STAND_IN, format: 'commonjs', shortCircuit: true }
        : nextResolve(specifier, context),
    load: (url, context, nextLoad) =>
      url === URL_OF_STAND_IN
        ? {
            format: 'commonjs',
            source: `module.exports = globalThis[Symbol.for('functions-host.core-api')];`,
            shortCircuit: true,
          }
        : nextLoad(url, context),
  });
}
