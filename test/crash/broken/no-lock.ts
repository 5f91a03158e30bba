import {
  createRenamesTable as createSoundTable,
  type RenamesTable,
} from '../../../src/table-storage/renames-table.ts';

export { TableConflict, TableMissing } from '../../../src/table-storage/renames-table.ts';

/** Broken: no row says that an iteration is being renamed. */
export function createRenamesTable(client: Parameters<typeof createSoundTable>[0]): RenamesTable {
  const table = createSoundTable(client);
  return {
    ...table,
    transact: (actions) => table.transact(actions.filter(([, { rowKey }]) => !rowKey.startsWith('lock|'))),
  };
}
