"""The command line: `pixtag run` and the commands for operators."""
