"""What people type: one file a subcommand of `groundswell`."""
