// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/sinks/curl_transport.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

#include "lib/alert/secret_file.h"
#include "lib/base/text.h"
#include "lib/base/thread.h"

namespace sockwatch {
namespace {

constexpr std::size_t kShownOfAnswer = 200;
constexpr int kLongestSilence = 1000;  // ms; stop() wakes it sooner

struct FreeEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct FreeMulti {
  void operator()(CURLM* multi) const { (void)curl_multi_cleanup(multi); }  // nothing is left in it
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

// Keeps the first line of an answer and lets the rest go by.
std::size_t keep_beginning(const char* bytes, std::size_t size, std::size_t count, void* target) {
  auto& text = *static_cast<std::string*>(target);
  if (text.size() < kShownOfAnswer) text.append(bytes, std::min(size * count, kShownOfAnswer - text.size()));
  return size * count;
}

// Without times and addresses, which differ from one attempt to the next and would be news each time.
std::string problem_of(CURLcode code, long os_error, const char* details, Duration timeout) {
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return "no answer within " + to_string(timeout);
    case CURLE_COULDNT_CONNECT:
      if (os_error == EAFNOSUPPORT) return "this service may open no such socket (RestrictAddressFamilies=)";
      if (os_error != 0) return "cannot connect: " + std::string(std::strerror(static_cast<int>(os_error)));
      return curl_easy_strerror(code);
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_PEER_FAILED_VERIFICATION:
      return *details == '\0' ? curl_easy_strerror(code) : details;
    default:
      return curl_easy_strerror(code);
  }
}

// curl says nothing of why socket(2) failed.
curl_socket_t open_socket(void* error, curlsocktype, curl_sockaddr* address) {
  const int made = ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  if (made < 0) *static_cast<long*>(error) = errno;
  return made < 0 ? CURL_SOCKET_BAD : made;
}

}  // namespace

class CurlTransport::Connection {
 public:
  explicit Connection(const Options& options)
      : options_(options), easy_(curl_easy_init()), multi_(curl_multi_init()) {}

  // Blocks, at most for the timeout and until stop().
  HttpAnswer post(const std::string& body) {
    if (!easy_ || !multi_) return {0, "out of memory"};
    if (auto ready = prepare(body); !ready.ok()) return {0, ready.error().message};
    if (curl_multi_add_handle(multi_.get(), easy_.get()) != CURLM_OK) return {0, "out of memory"};
    const CURLcode code = perform();
    HttpAnswer answer = answer_of(code);
    (void)curl_multi_remove_handle(multi_.get(), easy_.get());  // it was added
    return answer;
  }

  // From any thread.
  void stop() {
    stopped_ = true;
    if (multi_) (void)curl_multi_wakeup(multi_.get());  // else it ends within kLongestSilence
  }

 private:
  template <typename Value>
  void set(CURLoption option, Value value) {
    // Fails where this libcurl lacks a feature that was not asked for in the settings, or for lack of memory.
    if (curl_easy_setopt(easy_.get(), option, value) != CURLE_OK) refused_ = true;
  }

  Result<void> prepare(const std::string& body) {
    curl_easy_reset(easy_.get());  // connections stay
    refused_ = false;
    os_error_ = 0;
    received_.clear();
    details_[0] = '\0';
    set(CURLOPT_URL, options_.url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_PROXY, "");
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_QUICK_EXIT, 1L);  // no waiting for a name server when we stop
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(options_.timeout / std::chrono::milliseconds(1)));
    set(CURLOPT_USERAGENT, options_.user_agent.c_str());
    set(CURLOPT_POSTFIELDS, body.c_str());
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    set(CURLOPT_ERRORBUFFER, details_.data());
    set(CURLOPT_WRITEFUNCTION, keep_beginning);
    set(CURLOPT_WRITEDATA, &received_);
    set(CURLOPT_OPENSOCKETFUNCTION, open_socket);
    set(CURLOPT_OPENSOCKETDATA, &os_error_);
    set_tls();
    if (auto done = set_headers(); !done.ok()) return done;
    if (refused_) return Error{"libcurl lacks a feature that is needed"};
    return {};
  }

  void set_tls() {
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!options_.ca_file.empty()) {
      set(CURLOPT_CAINFO, options_.ca_file.c_str());
      set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));  // these and no others
    }
    if (options_.cert_file.empty()) return;
    set(CURLOPT_SSLCERT, options_.cert_file.c_str());
    set(CURLOPT_SSLKEY, options_.key_file.c_str());
  }

  Result<void> set_headers() {
    headers_.reset();
    add_header("Content-Type: application/json");
    add_header("Expect:");  // a round trip that only large uploads are worth
    if (!options_.bearer_token_file.empty()) {
      auto token = read_secret(options_.bearer_token_file);
      if (!token.ok()) return token.error();
      add_header("Authorization: Bearer " + *token);
    }
    if (!options_.username.empty()) {
      auto password = read_secret(options_.password_file);
      if (!password.ok()) return password.error();
      set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
      set(CURLOPT_USERNAME, options_.username.c_str());
      set(CURLOPT_PASSWORD, password->c_str());
    }
    set(CURLOPT_HTTPHEADER, headers_.get());
    return {};
  }

  void add_header(const std::string& line) {
    curl_slist* longer = curl_slist_append(headers_.get(), line.c_str());
    if (longer == nullptr) refused_ = true;
    if (longer != nullptr) (void)headers_.release();  // it is the list's head or has become its part
    if (longer != nullptr) headers_.reset(longer);
  }

  CURLcode perform() {
    int running = 1;
    while (!stopped_ && curl_multi_perform(multi_.get(), &running) == CURLM_OK && running > 0) {
      if (curl_multi_poll(multi_.get(), nullptr, 0, kLongestSilence, nullptr) != CURLM_OK) break;
    }
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg == CURLMSG_DONE) return message->data.result;
    }
    return CURLE_ABORTED_BY_CALLBACK;
  }

  HttpAnswer answer_of(CURLcode code) {
    long status = 0;
    (void)curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);  // 0 where there is none
    if (code == CURLE_OK) {
      curl_off_t seconds = 0;
      (void)curl_easy_getinfo(easy_.get(), CURLINFO_RETRY_AFTER, &seconds);  // 0 where it is not asked for
      seconds = std::clamp<curl_off_t>(seconds, 0, 24 * 3600);
      return {static_cast<int>(status), received_.substr(0, received_.find_first_of("\r\n")),
              std::chrono::seconds(seconds)};
    }
    long error = os_error_;
    if (error == 0) (void)curl_easy_getinfo(easy_.get(), CURLINFO_OS_ERRNO, &error);
    return {0, problem_of(code, error, details_.data(), options_.timeout), {}};
  }

  const Options& options_;
  std::unique_ptr<CURL, FreeEasy> easy_;
  std::unique_ptr<CURLM, FreeMulti> multi_;
  std::unique_ptr<curl_slist, FreeList> headers_;
  std::atomic<bool> stopped_ = false;
  bool refused_ = false;
  long os_error_ = 0;
  std::string received_;
  std::array<char, CURL_ERROR_SIZE> details_{};
};

CurlTransport::CurlTransport(Options options, std::function<void()> ring)
    : options_(std::move(options)), ring_(std::move(ring)) {
  // Once a process, before there are threads that use it.
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  (void)ready;  // a failure shows in each answer
  connection_ = std::make_unique<Connection>(options_);
}

CurlTransport::~CurlTransport() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  connection_->stop();
  thread_.join();
}

void CurlTransport::post(std::string body) {
  {
    const std::lock_guard lock(mutex_);
    body_ = std::move(body);
  }
  wake_.notify_one();
  if (thread_.joinable()) return;
  auto thread = start_thread("webhook", [this] { work(); });
  if (thread.ok()) {
    thread_ = *std::move(thread);
  } else {
    body_.reset();
    answer_ = HttpAnswer{0, thread.error().message};
    ring_();
  }
}

std::optional<HttpAnswer> CurlTransport::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(answer_, std::nullopt);
}

void CurlTransport::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || body_; });
    if (stopping_) return;
    const std::string body = *std::exchange(body_, std::nullopt);
    lock.unlock();
    HttpAnswer answer = connection_->post(body);
    lock.lock();
    answer_ = std::move(answer);
    ring_();
  }
}

}  // namespace sockwatch
