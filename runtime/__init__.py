"""Episodes, agents, traces, the benchmark and its reports."""
