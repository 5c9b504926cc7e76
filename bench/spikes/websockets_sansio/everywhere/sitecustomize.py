"""Install the spike in every process whose ``PYTHONPATH`` has this folder.

Python imports this module at its start, and would only print an error of it and go on. The process
is ended instead, since it would measure the server without the spike.
"""

import os
import traceback

try:
    from bench.spikes.websockets_sansio.guard import install

    install()
except BaseException:
    traceback.print_exc()
    os._exit(1)
