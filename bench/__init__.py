"""What the operator costs, counted and measured: `python -m bench` writes docs/performance.md."""
