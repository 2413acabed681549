"""The command line. Each command is a module with `add(parser)` and `run(args)`, listed in `main.COMMANDS`."""
