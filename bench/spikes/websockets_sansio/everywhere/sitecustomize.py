"""Python imports this module of ``PYTHONPATH`` at every start."""

from bench.spikes.websockets_sansio.guard import install

install()
