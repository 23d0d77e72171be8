// SPDX-License-Identifier: Apache-2.0
// Columns for people. Cells take foreign text as it is: every cell is made printable() here, once, so no row
// can forget to. Pure; no locale.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cli/colour.h"

namespace sockwatch {

struct Cell {
  std::string text;
  Paint paint = Paint::Plain;
};

enum class Align : std::uint8_t { Left, Right };

struct Column {
  std::string_view title;  // a literal
  Align align = Align::Left;
  bool may_shrink = false;     // gives way, from its end, where the terminal is narrow
  bool hide_if_empty = false;  // left out where no row has anything in it
  int expendable = 0;          // left out where shrinking is not enough; the highest first, 0 never
};

struct TableStyle {
  std::size_t width = 0;  // of the terminal; 0: as wide as it takes
  bool colour = false;
  bool headers = true;
};

class TextTable {
 public:
  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // One cell a column.
  void add(std::vector<Cell> cells);

  // A line a row, each ending in a newline and none in a blank.
  std::string render(const TableStyle& style) const;

 private:
  std::vector<std::size_t> natural_widths(bool headers) const;
  void drop_columns(std::vector<std::size_t>& widths, std::size_t limit) const;
  void shrink_columns(std::vector<std::size_t>& widths, std::size_t limit) const;
  std::string line(const std::vector<Cell>& cells, const std::vector<std::size_t>& widths, bool colour) const;

  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

// Columns that valid UTF-8 takes on a terminal: two for the wide characters of East Asia, one for all others.
std::size_t display_width(std::string_view text);
// The text itself where it fits, else its beginning and "…".
std::string cut_to_width(std::string_view text, std::size_t width);

}  // namespace sockwatch
