// Rows of a table: takes the items of another source apart into columns. A bad row fails alone.
#pragma once

#include <memory>

#include "lib/engine/input/source.h"

namespace gentlify {

/// Takes off what spreadsheets and editors write before the first line of a file.
void drop_byte_order_mark(Job& job);

/// Fills in the columns of the item, or says which line and column of the file is at fault.
void split_columns(Job& job, char separator);

class RowSource : public SourceOver {
 public:
  /// `columns`: so many must be in each row; 0: any number.
  RowSource(std::unique_ptr<Source> inner, char separator, std::size_t columns)
      : SourceOver(std::move(inner)), separator_(separator), columns_(columns) {}

  Read next(Job& job) override;

 private:
  char separator_;
  std::size_t columns_;
};

}  // namespace gentlify
