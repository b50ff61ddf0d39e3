"""PixTag on one machine: emulated AWS, worker, mailbox and API."""
