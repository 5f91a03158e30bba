/** How a client library repeats a request by itself. */
export interface RepeatPolicy {
  readonly retries: number;
  /** `status` is null where the connection was lost. */
  readonly isRepeated: (status: number | null) => boolean;
  /** `retry` counts from 0. */
  readonly delayMs: (retry: number, retryAfterMs: number | null) => number;
}

/**
 * .NET (`Microsoft.Rest.RetryDelegatingHandler`): three times, at once.
 * https://github.com/Azure/azure-sdk-for-net, sdk/mgmtcommon/ClientRuntime
 */
export const DOTNET: RepeatPolicy = {
  retries: 3,
  isRepeated: (status) =>
    status === 408 || (status !== null && status >= 500 && status !== 501 && status !== 505),
  delayMs: () => 0,
};

/**
 * Python (`msrest`, urllib3): three times, after a lost connection too; it waits as `Retry-After` says.
 * https://github.com/Azure/msrest-for-python, msrest/universal_http/requests.py
 */
export const PYTHON: RepeatPolicy = {
  retries: 3,
  isRepeated: (status) => status === null || [408, 429, 500, 502, 503, 504].includes(status),
  delayMs: (retry, retryAfterMs) => retryAfterMs ?? (retry === 0 ? 0 : 800 * 2 ** retry),
};

/** A script that goes on until it knows: it waits as it is told, and asks again after a lost connection. */
export const PATIENT: RepeatPolicy = {
  retries: 20,
  isRepeated: (status) => status === 409 || PYTHON.isRepeated(status),
  delayMs: (_retry, retryAfterMs) => retryAfterMs ?? 400,
};
