import type { Azurite } from './azurite.ts';
import type { CompiledHost } from './compile-host.ts';

/** What the stacks of one run of tests share, because making it takes longer than most tests. */
export interface SharedParts {
  host: CompiledHost;
  /** A folder for the compiled code of all processes that tests start: Node's `NODE_COMPILE_CACHE`. */
  compileCache: string;
  azurite: Pick<Azurite, 'tableEndpoint' | 'queueEndpoint' | 'blobEndpoint'>;
  /** Accounts of that Azurite. */
  accounts: readonly string[];
  /** A folder with an entry for each account that a test has taken. */
  takenAccounts: string;
}

let shared: SharedParts | null = null;

/** Parts for every stack that this process starts from now on; what they are made of is not stopped with it. */
export function shareParts(parts: SharedParts): void {
  shared = parts;
}

/** Null where each stack makes its own, as for `npm start`. */
export function sharedParts(): SharedParts | null {
  return shared;
}
