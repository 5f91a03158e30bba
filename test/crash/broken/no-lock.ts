import {
  createRenamesTable as createSoundTable,
  type RenamesTable,
} from '../../../src/table-storage/renames-table.ts';

export { TableConflict, TableMissing } from '../../../src/table-storage/renames-table.ts';

/** Broken: writes no lock, so that nothing serialises renames or lists unfinished ones. */
export function createRenamesTable(...clients: Parameters<typeof createSoundTable>): RenamesTable {
  const table = createSoundTable(...clients);
  return {
    ...table,
    transact: (actions) => table.transact(actions.filter(([, { rowKey }]) => !rowKey.startsWith('lock|'))),
  };
}
