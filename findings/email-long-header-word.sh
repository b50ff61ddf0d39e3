#!/usr/bin/env bash
# A guess about the header List-Unsubscribe in Python's email package, and what really happens.
#
# Versions: Python 3.11.7, the standard library only.
# Expected: a header in ASCII whose only word is longer than a line stays as it is, because RFC 5322 allows lines of 998
#           characters, and mail programs read the link in `<…>`.
# Seen:     EmailMessage writes a link of more than about 60 characters in RFC 2047's encoding: `=?utf-8?q?=3Chttps=3A//…?=`.
#           A parser of Python decodes it, so a test that reads the message with this package does not notice. RFC 2369
#           does not allow this encoding, so mail programs show no link to unsubscribe.
# Why:      the policy folds each line to 78 characters, and only encoded words can be folded inside.
# Remedy:   a policy that folds only this header with `max_line_length=998`. With that limit for all headers, a subject in
#           other letters than ASCII becomes one encoded word of more than 75 characters, which RFC 2047 does not allow.
#           Look at the bytes in tests.
#
# The script exits with 1 if the behaviour changes.
set -euo pipefail

python3 - <<'PYTHON'
import platform
import sys
from email import message_from_bytes, policy
from email.message import EmailMessage

LINK = "<https://photos.example.com/subscriptions/links/stop.1780000000.3f0c7c1e-5d0a-4d3c-9f5e-0a8b6c2d4e10>"


def write(chosen):
    """Return the line of the header in a message, and what Python's parser reads from it."""
    message = EmailMessage(policy=chosen)
    message["List-Unsubscribe"] = LINK
    message.set_content("text")
    data = message.as_bytes()
    return data.partition(b"\n")[0].decode(), message_from_bytes(data, policy=policy.default)["List-Unsubscribe"]


default, read = write(policy.default)
long, _ = write(policy.default.clone(max_line_length=998))
print(f"Python {platform.python_version()}")
print(f"default policy:      {default}")
print(f"max_line_length=998: {long}")
print(f"Python's parser reads the first one as the link itself: {read == LINK}")
is_encoded = default.startswith("List-Unsubscribe: =?utf-8?q?=3Chttps")
sys.exit((is_encoded, long == f"List-Unsubscribe: {LINK}", read == LINK) != (True, True, True))
PYTHON
