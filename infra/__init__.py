"""Where PixTag runs: AWS by `template.yaml`, or this machine by `local.py`."""
