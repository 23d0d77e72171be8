#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""journalctl -x explains an alert, in English and in Japanese: the package needs no more than to be installed."""
import machine as m


def case():
    m.install()
    m.wait_active()
    m.start(m.make_service())
    m.wait_alert(port=4444)
    ask = f"journalctl --no-pager -x MESSAGE_ID={m.OPENED}"
    m.contains(m.sh(f"LC_ALL=C.UTF-8 {ask}"), "Subject: Unexpected listener on 0.0.0.0 port 4444/tcp",
               "sockwatch explain tcp/4444", "/etc/sockwatch/policy.d/")
    m.contains(m.sh(f"LC_ALL=ja_JP.UTF-8 {ask}"), "想定外の待ち受け: 0.0.0.0 ポート 4444/tcp", "sockwatch explain tcp/4444")
    learned = m.sh(f"LC_ALL=C.UTF-8 journalctl --no-pager -x MESSAGE_ID={m.LEARNED}", check=False)
    assert "@SOCKWATCH" not in learned, learned


m.run(case)
