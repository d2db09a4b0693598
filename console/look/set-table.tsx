import type { ReactNode } from 'react';

export interface Column<Row> {
  readonly head: string;
  readonly cell: (row: Row) => ReactNode;
  /** Heads its row. */
  readonly isHead?: boolean;
  /** A number: set to the right, with tabular figures. */
  readonly isFigure?: boolean;
}

/**
 * A table set as in a book. On a phone each row becomes a small list; the roles are written out, since browsers take
 * them away from tables that are not displayed as tables.
 */
export function SetTable<Row>({
  label,
  rows,
  columns,
  keyOf,
}: {
  label: string;
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  keyOf: (row: Row) => string;
}) {
  return (
    // biome-ignore lint/a11y/noRedundantRoles: browsers drop it where the table folds.
    <table className="set folds" role="table" aria-label={label}>
      {/* biome-ignore lint/a11y/noRedundantRoles: as above. */}
      <thead role="rowgroup">
        {/* biome-ignore lint/a11y/noRedundantRoles: as above. */}
        <tr role="row">
          {columns.map((column) => (
            // biome-ignore lint/a11y/noRedundantRoles: as above.
            <th key={column.head} role="columnheader" scope="col" className={column.isFigure ? 'figure' : undefined}>
              {column.head}
            </th>
          ))}
        </tr>
      </thead>
      {/* biome-ignore lint/a11y/noRedundantRoles: as above. */}
      <tbody role="rowgroup">
        {rows.map((row) => (
          // biome-ignore lint/a11y/noRedundantRoles: as above.
          <tr key={keyOf(row)} role="row">
            {columns.map((column) => (
              <Cell key={column.head} column={column} row={row} />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Cell<Row>({ column, row }: { column: Column<Row>; row: Row }) {
  if (column.isHead) {
    return (
      // biome-ignore lint/a11y/noRedundantRoles: browsers drop it where the table folds.
      <th scope="row" role="rowheader">
        {column.cell(row)}
      </th>
    );
  }
  return (
    // biome-ignore lint/a11y/noRedundantRoles: browsers drop it where the table folds.
    <td role="cell" data-label={column.head} className={column.isFigure ? 'figure' : undefined}>
      {column.cell(row)}
    </td>
  );
}
