// SPDX-License-Identifier: Apache-2.0
// The files that webhooks name, looked at before the first alert needs them.
#pragma once

#include <vector>

#include "lib/base/result.h"
#include "lib/config/webhook_settings.h"

namespace sockwatch {

// An error lists what can never work, one a line: a ca_file without a certificate, a key of another
// certificate, a secret of no line or several. What cannot be read here may be readable to the daemon.
Result<void> check_webhook_files(const std::vector<WebhookSettings>& webhooks);

}  // namespace sockwatch
