"""Python imports this module of ``PYTHONPATH`` at every start.

It would only print that it failed, and go on without the spike; nothing may be measured then.
"""

import os
import traceback

try:
    from bench.spikes.websockets_sansio.guard import install

    install()
except BaseException:
    traceback.print_exc()
    os._exit(1)
