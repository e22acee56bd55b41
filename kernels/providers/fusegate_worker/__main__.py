"""python -m fusegate_worker CONFIG: CONFIG is JSON, see Provider."""

import json
import sys

from .protocol import Channel, serve
from .provider import Provider


def main():
    channel = Channel()
    serve(channel, Provider(channel, json.loads(sys.argv[1])).methods())
    return 0


if __name__ == "__main__":
    sys.exit(main())
