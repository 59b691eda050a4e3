"""The files of deployment/, read by real parsers and, where it can be done without Docker or a cluster, run."""
