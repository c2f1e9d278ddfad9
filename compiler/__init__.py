"""From a typed scenario to the solved state graph, and the analyses and renderings that are read off it."""
