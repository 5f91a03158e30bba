import { createRenameTimings } from '../../src/rename/rename-timings.ts';
import type { FaultKind } from '../stack/faults.ts';
import { injectFault, namesTaken } from './iteration-faults.ts';
import { type RenameProxy, type SeededIteration, startRenameProxy } from './rename-proxy.ts';

export interface ActingFault {
  readonly case: string;
  readonly fault: FaultKind;
  readonly isSeen: boolean;
}

/** From a rename's begin until its outcome can be found out. */
export const settledAfterMs = (upstreamTimeoutMs: number): number =>
  createRenameTimings(upstreamTimeoutMs).leaseMs + 1000;

export async function startRepeatsProxy(upstreamTimeoutMs: number): Promise<RenameProxy> {
  const proxy = await startRenameProxy({
    settings: { UPSTREAM_TIMEOUT_SECONDS: String(upstreamTimeoutMs / 1000) },
  });
  await proxy.rename(proxy.seed(), {}); // fetches the key
  return proxy;
}

/**
 * What the upstream does after it has taken the name. `isSeen`: in time for the look that lets the first
 * answer be a 200.
 */
export const ACTING_FAULTS: ActingFault[] = [
  { case: 'answers 503', fault: { kind: 'status', status: 503, acts: true }, isSeen: true },
  { case: 'answers 504', fault: { kind: 'status', status: 504, acts: true }, isSeen: true },
  { case: 'answers 408', fault: { kind: 'status', status: 408, acts: true }, isSeen: true },
  { case: 'resets the connection', fault: { kind: 'answer-lost' }, isSeen: true },
  { case: 'hangs', fault: { kind: 'hang', acts: true }, isSeen: false },
];
export const BLINDING_FAULTS = ACTING_FAULTS.map((row) => ({
  ...row,
  case: `${row.case}, and cannot be read then`,
  isSeen: false,
}));

/** The upstream acts with a fault; it can be read again as soon as `clear` is called. */
export function breakUpstream(
  proxy: RenameProxy,
  iteration: SeededIteration,
  { fault, isSeen }: Omit<ActingFault, 'case'>,
) {
  const faults = [injectFault(proxy, iteration, 'PATCH', { ...fault, times: 1 })];
  if (!isSeen) {
    // The GET before is answered; the look after it is not.
    const when = ({ method, path }: { method: string; path: string }) =>
      method === 'GET' && path.includes(iteration.iterationId) && namesTaken(proxy, iteration).length > 0;
    faults.push(proxy.stack.customVision.faults.inject({ kind: 'status', status: 503, when }));
  }
  return { clear: () => faults.forEach((injected) => injected.clear()) };
}

export const outcomeOf = async (proxy: RenameProxy, iteration: SeededIteration) => ({
  effects: namesTaken(proxy, iteration),
  records: (await proxy.records(iteration.projectId)).map(({ status, previousName }) => ({
    status,
    previousName,
  })),
});
export const ONE_EFFECT = { effects: ['A'], records: [{ status: 'succeeded', previousName: 'Iteration 1' }] };
