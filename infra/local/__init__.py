"""The local cloud: PixTag on one machine, with emulated AWS, worker, mailbox and API."""
