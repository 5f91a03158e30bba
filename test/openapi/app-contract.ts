import { createContract } from './contract.ts';

/** What is wrong with an answer of the app, by its own OpenAPI document; compiled once in each process. */
export const faultsOf = createContract();
