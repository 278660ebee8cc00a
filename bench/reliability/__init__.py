"""What crashes, faults, other people and time do to the operator, counted: `python -m bench.reliability`."""
