"""What the benchmark of nearest neighbours measures, each in a process of its own."""
