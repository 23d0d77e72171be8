// SPDX-License-Identifier: Apache-2.0
#include "cli/table.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "lib/base/text.h"

namespace sockwatch {
namespace {

constexpr std::size_t kGap = 2;        // blanks between columns
constexpr std::size_t kNarrowest = 8;  // what a shrunken column keeps
constexpr std::string_view kEllipsis = "…";

struct CodePoints {
  char32_t first;
  char32_t last;
};
// The large blocks of Unicode's East_Asian_Width=W and F; names of programs need no more.
constexpr CodePoints kWide[] = {{0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0xA4CF},  {0xAC00, 0xD7A3},
                                {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},  {0xFFE0, 0xFFE6},
                                {0x1F300, 0x1F64F}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};

char32_t decode(std::string_view sequence) {
  const auto first = static_cast<unsigned char>(sequence[0]);
  if (sequence.size() == 1) return first;
  char32_t point = first & (0xFFU >> (sequence.size() + 1));
  for (const char c : sequence.substr(1)) point = point << 6 | (static_cast<unsigned char>(c) & 0x3FU);
  return point;
}

// One character of the text, as bytes and as columns.
struct Glyph {
  std::string_view bytes;
  std::size_t width;
};

Glyph first_glyph(std::string_view text) {
  const std::size_t length = std::max<std::size_t>(utf8_sequence_length(text), 1);
  const char32_t point = decode(text.substr(0, length));
  const bool wide = std::any_of(std::begin(kWide), std::end(kWide), [point](CodePoints block) {
    return block.first <= point && point <= block.last;
  });
  return {text.substr(0, length), wide ? std::size_t{2} : std::size_t{1}};
}

std::size_t total_width(const std::vector<std::size_t>& widths) {
  const auto shown = widths.size() - static_cast<std::size_t>(std::count(widths.begin(), widths.end(), 0U));
  return std::accumulate(widths.begin(), widths.end(), shown == 0 ? 0 : kGap * (shown - 1));
}

}  // namespace

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const Glyph glyph = first_glyph(text);
    width += glyph.width;
    text.remove_prefix(glyph.bytes.size());
  }
  return width;
}

std::string cut_to_width(std::string_view text, std::size_t width) {
  if (display_width(text) <= width) return std::string(text);
  std::string cut;
  for (std::size_t used = 0; !text.empty();) {
    const Glyph glyph = first_glyph(text);
    used += glyph.width;
    if (used + 1 > width) break;
    cut += glyph.bytes;
    text.remove_prefix(glyph.bytes.size());
  }
  if (width > 0) cut += kEllipsis;
  return cut;
}

void TextTable::add(std::vector<Cell> cells) {
  for (Cell& cell : cells) cell.text = printable(cell.text);
  rows_.push_back(std::move(cells));
}

// 0 for a column that is left out.
std::vector<std::size_t> TextTable::natural_widths(bool headers) const {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t width = 0;
    for (const auto& row : rows_) width = std::max(width, display_width(row[i].text));
    const bool hidden = columns_[i].hide_if_empty && width == 0;
    if (headers && !hidden) width = std::max(width, display_width(columns_[i].title));
    widths.push_back(width);
  }
  return widths;
}

void TextTable::drop_columns(std::vector<std::size_t>& widths, std::size_t limit) const {
  for (;;) {
    std::vector<std::size_t> least = widths;
    std::size_t victim = columns_.size();
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].may_shrink) least[i] = std::min(widths[i], kNarrowest);
      if (widths[i] == 0 || columns_[i].expendable == 0) continue;
      if (victim == columns_.size() || columns_[i].expendable > columns_[victim].expendable) victim = i;
    }
    if (victim == columns_.size() || total_width(least) <= limit) return;
    widths[victim] = 0;
  }
}

// A column at a time from whichever is widest, so that none is crippled while another has room.
void TextTable::shrink_columns(std::vector<std::size_t>& widths, std::size_t limit) const {
  for (std::size_t total = total_width(widths); total > limit; --total) {
    std::size_t* widest = nullptr;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      if (!columns_[i].may_shrink || widths[i] <= kNarrowest) continue;
      if (widest == nullptr || widths[i] > *widest) widest = &widths[i];
    }
    if (widest == nullptr) return;
    --*widest;
  }
}

std::string TextTable::line(const std::vector<Cell>& cells, const std::vector<std::size_t>& widths,
                            bool colour) const {
  std::string line;
  std::size_t blanks = 0;  // owed, and only paid when more text comes
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (widths[i] == 0) continue;
    const std::string text = cut_to_width(cells[i].text, widths[i]);
    const std::size_t padding = widths[i] - display_width(text);
    const bool right = columns_[i].align == Align::Right;
    if (!text.empty()) {
      line.append(blanks + (right ? padding : 0), ' ');
      line += colour ? painted(text, cells[i].paint) : text;
      blanks = (right ? 0 : padding) + kGap;
    } else {
      blanks += padding + kGap;
    }
  }
  return line + "\n";
}

std::string TextTable::render(const TableStyle& style) const {
  std::vector<std::size_t> widths = natural_widths(style.headers);
  if (style.width != 0) {
    drop_columns(widths, style.width);
    shrink_columns(widths, style.width);
  }
  std::string text;
  if (style.headers) {
    std::vector<Cell> titles;
    for (const Column& column : columns_) titles.push_back({std::string(column.title), Paint::Heading});
    text += line(titles, widths, style.colour);
  }
  for (const auto& row : rows_) text += line(row, widths, style.colour);
  return text;
}

}  // namespace sockwatch
