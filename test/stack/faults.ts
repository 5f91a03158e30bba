import type { ReceivedRequest } from './received-request.ts';

/**
 * What goes wrong. With `acts` the simulator does its work first, so that the client cannot tell whether it
 * did; `answer-lost` is a `reset` that acts.
 */
export type FaultKind =
  | { kind: 'hang'; acts?: boolean }
  | { kind: 'reset'; acts?: boolean }
  | { kind: 'answer-lost' }
  | { kind: 'delay'; delayMs: number; acts?: boolean }
  | { kind: 'status'; status: number; headers?: Record<string, string>; body?: string; acts?: boolean }
  | { kind: 'redirect'; location: string; status?: number; acts?: boolean }
  /**
   * A body of the test's own (malformed, oversized, leaking) under the headers and status of a good answer.
   */
  | { kind: 'body'; body: string | Buffer; status?: number; headers?: Record<string, string>; acts?: boolean }
  /** Answers the headers and half of the body, then nothing more. */
  | { kind: 'stall'; acts?: boolean };

/**
 * A fault, the requests it meets (a method, a predicate, or every one), and how often (until cleared when
 * left out).
 */
export type Fault = FaultKind & { when?: string | ((request: ReceivedRequest) => boolean); times?: number };

export interface InjectedFault {
  /** How many requests it has met so far. */
  hits(): number;
  clear(): void;
}

export interface Faults {
  inject(fault: Fault): InjectedFault;
  /** Refuses every connection and drops the open ones, until `accept`. */
  refuse(): Promise<void>;
  accept(): Promise<void>;
  /** Takes every fault away and accepts connections again. */
  clear(): Promise<void>;
}

/** The faults that are in force for one request: waits, then at most one way to end it. */
export interface FaultsMet {
  delayBeforeMs: number;
  delayAfterMs: number;
  ending: Exclude<Fault, { kind: 'delay' }> | null;
}

export interface FaultRegister extends Pick<Faults, 'inject'> {
  meet(request: ReceivedRequest): FaultsMet;
  clear(): void;
}

export function createFaultRegister(): FaultRegister {
  let injected: { fault: Fault; hits: number }[] = [];

  return {
    inject(fault) {
      const entry = { fault, hits: 0 };
      injected.push(entry);
      return {
        hits: () => entry.hits,
        clear: () => {
          injected = injected.filter((other) => other !== entry);
        },
      };
    },

    meet(request) {
      const met: FaultsMet = { delayBeforeMs: 0, delayAfterMs: 0, ending: null };
      for (const entry of injected) {
        const { fault } = entry;
        if (entry.hits >= (fault.times ?? Infinity) || !meets(fault, request)) continue;
        if (fault.kind !== 'delay') {
          if (met.ending !== null) continue;
          met.ending = fault;
        } else if (fault.acts === true) {
          met.delayAfterMs += fault.delayMs;
        } else {
          met.delayBeforeMs += fault.delayMs;
        }
        entry.hits += 1;
      }
      return met;
    },

    clear() {
      injected = [];
    },
  };
}

/** Whether the simulator does its work before the fault shows. */
export function actsFirst(ending: FaultsMet['ending']): boolean {
  return ending === null || ending.kind === 'answer-lost' || ending.acts === true;
}

function meets(fault: Fault, request: ReceivedRequest): boolean {
  if (fault.when === undefined) return true;
  return typeof fault.when === 'string' ? fault.when === request.method : fault.when(request);
}
