"""Azure Media Services as a local server, for tests. Not for production.

Reading order: `server` (wiring), `pipeline` (the life of one request), `routing`, `crud`, `kinds/` (one file per
kind of resource), `variants` (what is guessed, and the two answers to each guess), `faults`, `control`.
"""

__version__ = "0.1.0"
