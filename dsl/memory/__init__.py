"""Memory: what was worked out once and is kept, in a process and between runs, and the collector that is held off meanwhile."""
