// SPDX-License-Identifier: Apache-2.0
#include "lib/web/gzip.h"

#include <gtest/gtest.h>
#include <zlib.h>

namespace sockwatch {
namespace {

std::string unzip(std::string_view zipped, std::size_t most) {
  std::string text(most, '\0');
  z_stream stream{};
  EXPECT_EQ(::inflateInit2(&stream, 16 + MAX_WBITS), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(zipped.data()));
  stream.avail_in = static_cast<uInt>(zipped.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  EXPECT_EQ(::inflate(&stream, Z_FINISH), Z_STREAM_END);
  text.resize(stream.total_out);
  ::inflateEnd(&stream);
  return text;
}

TEST(Gzip, it_is_compressed_only_for_who_asks_for_it) {
  for (const char* header :
       {"gzip", "GZip", "x-gzip", "*", "deflate, gzip;q=1.0, *;q=0.5", "gzip ; q=0.001", "br;q=1,gzip;q=0.2",
        "identity;q=0.5, gzip", "identity;q=0.5, gzip;q=0.5", "gzip;level=9;q=0.3", "*;q=0, gzip"}) {
    EXPECT_TRUE(accepts_gzip(header)) << header;
  }
  for (const char* header :
       {"", "identity", "deflate", "gzip;q=0", "gzip;q=0.000", "*;q=0", "gzip;q=0, *", "identity, gzip;q=0.9",
        "gzipped", "gzi", "gzip;q=", "gzip;q=x", "gzip;q=-1", "gzip;q=1.0000", ",;,", "br, deflate"}) {
    EXPECT_FALSE(accepts_gzip(header)) << header;
  }
}

TEST(Gzip, what_comes_out_is_what_went_in) {
  std::string page;
  for (int i = 0; i < 5000; ++i)
    page += "sockwatch_listener_drops_total{port=\"" + std::to_string(i) + "\"} 0\n";
  const std::string zipped = gzip(page);
  EXPECT_LT(zipped.size(), page.size() / 5);
  EXPECT_EQ(unzip(zipped, page.size()), page);
  EXPECT_EQ(unzip(gzip(""), 1), "");
}

TEST(Gzip, a_body_is_compressed_once) {
  GzipBody body(std::make_shared<const std::string>(10000, 'x'));
  const auto first = body.get();
  ASSERT_TRUE(first);
  EXPECT_EQ(body.get(), first);
  EXPECT_EQ(unzip(*first, 10000), std::string(10000, 'x'));
}

}  // namespace
}  // namespace sockwatch
