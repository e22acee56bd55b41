"""A library that forks while it is imported, and returns in the child, too."""

import os

from toy import rms_norm  # noqa: F401

os.fork()
