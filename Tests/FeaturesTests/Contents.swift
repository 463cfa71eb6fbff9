import Columns
import Twins

/// Everything that a table says, with rows in the order of the customers' ids.
struct TableContents: Equatable {
  var definitions: [ColumnDefinition]
  var rows: [String: [String: TwinCell]]
}

func contents(of table: Table) -> TableContents { TableContents(definitions: table.columns.map(\.definition), rows: cells(of: table)) }
