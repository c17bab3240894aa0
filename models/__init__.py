"""What things are and how they are judged: pure data and pure functions, no files, no network, no clock."""
