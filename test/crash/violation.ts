/** What must hold after any number of crashes, once everything is settled. */
export type Invariant =
  | 'every effect has an earlier record'
  | 'no record stays pending'
  | 'succeeded if and only if the effect took place'
  | 'unresolved only where somebody else changed the iteration'
  | 'a record keeps the name as it was taken'
  | 'a previous name is one that the iteration had'
  | 'one request has at most one effect'
  | 'a repeat undoes nothing that others did'
  | 'a repeat learns what became of the first'
  | 'an intended second rename is carried out'
  | 'both copies of a record are equal'
  | 'no lock is left'
  | 'no accepted rename is left'
  | 'a claim points to a record'
  | 'every record was asked for'
  | 'an undo gives back what the record tells'
  | 'a rename is undone once'
  | 'an undo takes back only the name that it undoes'
  | 'every answer is one of the contract'
  | 'a 200 agrees with its record'
  | 'a refusal had no effect'
  | 'an unknown outcome has an address'
  | 'an unknown outcome is told after a look only'
  | 'an accepted rename ends as a record'
  | 'a delivery is answered'
  | 'nothing is renamed without a grant'
  | 'throttling ends no accepted rename';

export interface Violation {
  readonly invariant: Invariant;
  /** In words, with the ids that lead to it. */
  readonly found: string;
}

export function violation(invariant: Invariant, found: string): Violation {
  return { invariant, found };
}
